use super::*;
use crate::console::code::Corridor;
use crate::console::figure::narrow;
use crate::console::flow::Flow;
use crate::console::words::Language;

/// How wide signs are in `DejaVu` Sans Bold, and in `DejaVu` Sans: thousandths of an em.
const ADVANCES: &[(&str, u32, u32)] = &[
    ("\u{202f}", 200, 200),
    ("'", 306, 275),
    ("ijlíï", 343, 278),
    (" \u{a0}", 348, 318),
    ("IJÎ", 372, 295),
    (".,’", 380, 318),
    ("-", 415, 361),
    ("f", 435, 352),
    ("t", 478, 392),
    ("r", 493, 411),
    ("*", 523, 500),
    ("z", 582, 525),
    ("cç", 593, 550),
    ("s", 595, 521),
    ("L", 637, 557),
    ("x", 645, 592),
    ("vy", 652, 592),
    ("k", 665, 579),
    ("aá", 675, 613),
    ("eéèê", 678, 615),
    ("T", 682, 611),
    ("F", 683, 575),
    ("EÉ", 683, 632),
    ("oóô", 687, 612),
    ("0123456789", 696, 636),
    ("hnuúñ", 712, 634),
    ("bdgpq", 716, 635),
    ("S", 720, 635),
    ("Y", 724, 611),
    ("Z", 725, 685),
    ("P", 733, 603),
    ("C", 734, 698),
    ("B", 762, 686),
    ("R", 770, 695),
    ("X", 771, 685),
    ("AV", 774, 684),
    ("K", 775, 656),
    ("U", 812, 732),
    ("G", 821, 775),
    ("D", 830, 770),
    ("N", 837, 748),
    ("H", 837, 752),
    ("+→", 838, 838),
    ("OQ", 850, 787),
    ("w", 924, 818),
    ("M", 995, 863),
    ("m", 1042, 974),
    ("W", 1103, 989),
];

const FOUNDING: [&str; 6] = ["CO-ES", "CO-CA", "GT-CA", "GH-IT", "NG-IT", "SN-IT"];
const UNITED_STATES: [&str; 4] = ["*-US", "MX-US", "GT-US", "CO-US"];

/// A text as it stands on the page: from where to where, on which line.
#[derive(Debug)]
struct Drawn {
    class: String,
    text: String,
    from: f64,
    to: f64,
    y: f64,
}

fn measured(class: &str, text: &str) -> f64 {
    let size = match class {
        "sum" => 18.0,
        "small" => SMALL,
        _ => TEXT,
    };
    let is_bold = ["sum", "name"].contains(&class);
    let advance = |sign: char| {
        let (_, bold, regular) = ADVANCES.iter().find(|(signs, ..)| signs.contains(sign)).expect("a sign of the table");
        f64::from(if is_bold { *bold } else { *regular })
    };
    text.chars().map(advance).sum::<f64>() / 1000.0 * size
}

fn attribute<'s>(tag: &'s str, name: &str) -> &'s str {
    tag.split(&format!("{name}=\"")).nth(1).unwrap().split('"').next().unwrap()
}

fn texts(svg: &str) -> Vec<Drawn> {
    let drawn = |tag: &str| {
        let (class, x) = (attribute(tag, "class"), attribute(tag, " x").parse::<f64>().unwrap());
        let text = tag.split_once('>').unwrap().1.split_once("</text>").unwrap().0;
        let width = measured(class, text);
        let from = if attribute(tag, "text-anchor") == "end" { x - width } else { x };
        let y = attribute(tag, " y").parse().unwrap();
        Drawn { class: class.to_owned(), text: text.to_owned(), from, to: from + width, y }
    };
    svg.split("<text ").skip(1).map(drawn).collect()
}

/// Where the columns stand.
fn guides(svg: &str) -> Vec<f64> {
    svg.split("<line class=\"guide\"").skip(1).map(|tag| attribute(tag, "x1").parse::<f64>().unwrap() - 2.5).collect()
}

/// The first corridor has most: lanes of every height.
fn season(codes: &[&str], seats: u64) -> Vec<CorridorFlow> {
    let flow = |(place, code): (usize, &&str)| {
        let seats = seats >> (2 * place);
        let replaced = seats / 20;
        let mut columns = [Flow { reached: seats, here: seats / 10, dropped: 0 }; 8];
        let mut reached = columns[0].went_on() + replaced;
        for column in &mut columns[1..] {
            *column = Flow { reached, here: reached / 10, dropped: reached / 20 };
            reached = column.went_on();
        }
        CorridorFlow { corridor: Corridor::new(code), columns, replaced, late: 0, one_sided: 0 }
    };
    codes.iter().enumerate().map(flow).collect()
}

fn nothing_touches(drawn: &[Drawn], width: f64) {
    for (place, one) in drawn.iter().enumerate() {
        assert!(one.from >= 0.0 && one.to <= width, "{} stands out of {width}: {one:?}", one.text);
        for other in &drawn[place + 1..] {
            let beside = one.to + 3.0 <= other.from || other.to + 3.0 <= one.from;
            assert!(beside || (one.y - other.y).abs() > 12.0, "{} touches {}: {one:?} {other:?}", one.text, other.text);
        }
    }
}

#[test]
fn no_label_touches_another_or_a_lane_in_a_wide_font() {
    for language in Language::ALL {
        let words = Words { language };
        let seasons = [season(&FOUNDING, 3800), season(&UNITED_STATES, 160_000), season(&UNITED_STATES[..1], 90)];
        for flows in seasons {
            let svg = wide(&flows, &words, Direction::Ltr);
            let (drawn, guides) = (texts(&svg), guides(&svg));
            nothing_touches(&drawn, WIDTH);
            assert_eq!(guides.len(), Column::ALL.len());
            let names = drawn.iter().filter(|text| text.from == 0.0);
            assert!(names.clone().count() > flows.len(), "the lanes have names: {drawn:?}");
            for name in names {
                assert!(name.to + APART <= guides[0], "{name:?} touches the lanes at {}", guides[0]);
            }
            for stub in drawn.iter().filter(|text| text.class == "small" && text.from > guides[0]) {
                let next = guides.iter().find(|x| **x > stub.from).unwrap();
                assert!(stub.to <= *next, "{stub:?} goes over the next column at {next}");
            }
        }
    }
}

#[test]
fn nor_do_they_on_a_narrow_page() {
    for language in Language::ALL {
        let svg = narrow::narrow(&season(&UNITED_STATES, 160_000), &Words { language }, Direction::Ltr);
        nothing_touches(&texts(&svg), 326.0);
    }
}
