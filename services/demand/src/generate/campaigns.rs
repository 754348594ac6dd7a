//! The campaigns of the founding corridors: what is grown where, from when, for how many months, by whom.

/// What one union asks for in a season.
#[derive(Debug)]
pub(super) struct Programme {
    pub(super) union: &'static str,
    pub(super) destination: &'static str,
    /// Seats at scale 1.
    pub(super) seats: u32,
    pub(super) farms_of: &'static str,
    pub(super) currency: &'static str,
    pub(super) pay: &'static str,
    pub(super) pay_skilled: &'static str,
    /// What a line asks for, such as `es:A2`; asked only where the origins speak it.
    pub(super) languages: &'static [&'static str],
    pub(super) campaigns: &'static [Campaign],
}

/// One crop at one place.
#[derive(Debug)]
pub(super) struct Campaign {
    pub(super) district: &'static str,
    pub(super) district_code: &'static str,
    pub(super) city: &'static str,
    pub(super) region: &'static str,
    pub(super) crop: &'static str,
    pub(super) origin: &'static str,
    /// Month and day of the earliest start.
    pub(super) starts: (u32, u32),
    pub(super) months: u32,
    pub(super) weight: u32,
    pub(super) tasks: &'static [Task],
}

/// One kind of work; `share` in percent of the order's seats (the first task takes what the others leave).
#[derive(Debug)]
pub(super) struct Task {
    pub(super) title: &'static str,
    pub(super) isco: &'static [&'static str],
    pub(super) experience_months: i32,
    pub(super) share: u32,
    pub(super) skilled: bool,
}

const fn task(title: &'static str, isco: &'static [&'static str], (experience_months, share): (i32, u32)) -> Task {
    Task { title, isco, experience_months, share, skilled: false }
}

const fn skilled(title: &'static str, isco: &'static [&'static str], (experience_months, share): (i32, u32)) -> Task {
    Task { title, isco, experience_months, share, skilled: true }
}

const FRUIT: &[Task] = &[
    task("thinning and picking", &["9211"], (0, 72)),
    task("picking and field sorting", &["9211", "9213"], (3, 18)),
    skilled("pruning and tree care", &["6112"], (12, 10)),
];
const VEGETABLES: &[Task] =
    &[task("planting and cutting", &["9211"], (0, 80)), task("picking and field packing", &["9211", "9214"], (3, 20))];
const NURSERY: &[Task] =
    &[task("potting and care", &["9214"], (0, 75)), skilled("grafting and propagation", &["6113", "9214"], (12, 25))];
const VINES: &[Task] =
    &[task("green work and grape picking", &["9211"], (0, 85)), skilled("vine pruning", &["6112"], (12, 15))];
const BERRIES: &[Task] = &[task("planting and picking", &["9211"], (0, 100))];
const GREENHOUSE: &[Task] =
    &[task("plant care and picking", &["9214", "9211"], (0, 80)), task("crop training", &["9214"], (6, 20))];

macro_rules! campaigns {
    ($($district:literal $code:literal $city:literal $region:literal: $crop:literal from $origin:literal,
       $month:literal/$day:literal for $months:literal, $weight:literal $tasks:ident;)*) => {
        &[$(Campaign {
            district: $district, district_code: $code, city: $city, region: $region, crop: $crop, origin: $origin,
            starts: ($month, $day), months: $months, weight: $weight, tasks: $tasks,
        }),*]
    };
}

pub(super) const PROGRAMMES: &[Programme] = &[
    Programme {
        union: "unio-de-pagesos",
        destination: "ES",
        seats: 3_800,
        farms_of: "Farms of",
        currency: "EUR",
        pay: "9.40",
        pay_skilled: "10.60",
        languages: &["es:A2"],
        campaigns: campaigns! {
            "Segrià" "segria" "Aitona" "Lleida": "Peach and nectarine" from "CO", 4/20 for 6, 22 FRUIT;
            "Segrià" "segria" "Alcarràs" "Lleida": "Peach and nectarine" from "CO", 5/4 for 5, 16 FRUIT;
            "Segrià" "segria" "Seròs" "Lleida": "Apricot and flat peach" from "CO", 4/13 for 5, 8 FRUIT;
            "Pla d’Urgell" "pla-d-urgell" "Mollerussa" "Lleida": "Pear and apple" from "CO", 5/18 for 6, 10 FRUIT;
            "Noguera" "noguera" "Balaguer" "Lleida": "Pear and apple" from "CO", 6/1 for 5, 6 FRUIT;
            "Garrigues" "garrigues" "Les Borges Blanques" "Lleida": "Almond and olive" from "CO", 6/15 for 5, 3 FRUIT;
            "Baix Empordà" "baix-emporda" "Torroella de Montgrí" "Girona": "Apple" from "CO", 6/1 for 6, 8 FRUIT;
            "Alt Empordà" "alt-emporda" "Sant Pere Pescador" "Girona": "Apple" from "CO", 6/8 for 5, 4 FRUIT;
            "Maresme" "maresme" "Vilassar de Mar" "Barcelona": "Ornamental plants" from "CO", 2/16 for 8, 7 NURSERY;
            "Maresme" "maresme" "Santa Susanna" "Barcelona": "Vegetables" from "CO", 3/2 for 8, 3 VEGETABLES;
            "Baix Llobregat" "baix-llobregat" "Gavà" "Barcelona": "Artichoke and lettuce" from "CO", 3/2 for 8, 4 VEGETABLES;
            "Alt Penedès" "alt-penedes" "Vilafranca del Penedès" "Barcelona": "Wine grape" from "CO", 5/11 for 5, 3 VINES;
            "Baix Camp" "baix-camp" "Cambrils" "Tarragona": "Vegetables and hazelnut" from "CO", 4/6 for 7, 3 VEGETABLES;
            "Montsià" "montsia" "Alcanar" "Tarragona": "Citrus and nursery plants" from "CO", 2/23 for 8, 3 NURSERY;
        },
    },
    Programme {
        union: "ferme",
        destination: "CA",
        seats: 2_846,
        farms_of: "Farms of",
        currency: "CAD",
        pay: "16.60",
        pay_skilled: "18.20",
        languages: &[],
        campaigns: campaigns! {
            "Montérégie" "monteregie" "Saint-Rémi" "Quebec": "Lettuce and onion" from "GT", 4/6 for 7, 24 VEGETABLES;
            "Montérégie" "monteregie" "Sherrington" "Quebec": "Carrot and celery" from "GT", 4/20 for 6, 16 VEGETABLES;
            "Lanaudière" "lanaudiere" "L’Assomption" "Quebec": "Strawberry and raspberry" from "GT", 4/27 for 6, 12 BERRIES;
            "Laval" "laval" "Laval" "Quebec": "Greenhouse plants" from "GT", 2/16 for 8, 10 GREENHOUSE;
            "Capitale-Nationale" "capitale-nationale" "Île d’Orléans" "Quebec": "Strawberry and potato" from "GT", 5/4 for 6, 8 BERRIES;
            "Centre-du-Québec" "centre-du-quebec" "Saint-Louis-de-Blandford" "Quebec": "Cranberry" from "GT", 5/11 for 6, 8 BERRIES;
            "Estrie" "estrie" "Coaticook" "Quebec": "Christmas trees" from "GT", 4/13 for 7, 7 NURSERY;
            "Laurentides" "laurentides" "Saint-Joseph-du-Lac" "Quebec": "Apple" from "CO", 4/27 for 6, 8 FRUIT;
            "Mauricie" "mauricie" "Louiseville" "Quebec": "Vegetables" from "CO", 4/20 for 6, 7 VEGETABLES;
        },
    },
    Programme {
        union: "union-it",
        destination: "IT",
        seats: 270,
        farms_of: "Farms of",
        currency: "EUR",
        pay: "9.10",
        pay_skilled: "10.20",
        languages: &[],
        campaigns: campaigns! {
            "Saluzzese" "saluzzese" "Saluzzo" "Piemonte": "Peach and apple" from "SN", 5/18 for 5, 26 FRUIT;
            "Piana del Sele" "piana-del-sele" "Eboli" "Campania": "Salad and rocket" from "SN", 3/2 for 8, 20 GREENHOUSE;
            "Agro Pontino" "agro-pontino" "Sabaudia" "Lazio": "Vegetables" from "GH", 3/16 for 7, 33 VEGETABLES;
            "Veronese" "veronese" "Zevio" "Veneto": "Apple and kiwi" from "NG", 5/4 for 6, 21 FRUIT;
        },
    },
];
