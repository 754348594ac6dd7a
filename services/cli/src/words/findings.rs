//! What the solver's door says, in French and Spanish: findings in files and causes for which there is no plan. In English it
//! says them itself; `{name}` stands for the named value of a sentence.

use std::collections::BTreeMap;

use door::{Finding, format::Cause};

use super::Language;

/// Most breaches of a plan are mended so.
const ANEW: [&str; 2] = ["recalculez le marché", "resuelva de nuevo el mercado"];

/// By code of a finding: why it is refused, what mends it.
#[rustfmt::skip]
const RULES: &[(&str, [&str; 2], [&str; 2])] = &[
    ("EMPTY", ["il n’y a rien à lire", "no hay nada que leer"], ["écrivez d’abord le fichier\u{202f}; le README de `door` a un exemple", "escriba primero el archivo; el README de `door` tiene un ejemplo"]),
    ("TOO_LARGE", ["ce qui est lu doit tenir plusieurs fois en mémoire", "lo que se lee debe caber varias veces en la memoria"], ["divisez le marché, ou retirez des paires", "divida el mercado, o quite parejas"]),
    ("SYNTAX", ["le fichier doit être du JSON en UTF-8", "el archivo debe ser JSON en UTF-8"], ["corrigez le texte à cet endroit", "corrija el texto en ese lugar"]),
    ("TRUNCATED", ["le JSON s’arrête au milieu", "el JSON termina a la mitad"], ["écrivez le fichier entier, puis redemandez", "escriba el archivo entero y vuelva a pedirlo"]),
    ("SHAPE", ["le fichier a des membres ou des types que le schéma ne connaît pas, ou il lui en manque", "el archivo tiene miembros o tipos que el esquema no conoce, o le faltan algunos"], ["comparez avec `services/matching/door/schema`", "compare con `services/matching/door/schema`"]),
    ("ID", ["les identifiants nomment les choses dans les plans, les messages et le tirage\u{a0}: 1 à 200 caractères, aucun de contrôle", "los identificadores nombran las cosas en los planes, los mensajes y el sorteo: de 1 a 200 caracteres, ninguno de control"], ["donnez-lui un identifiant à lui", "dele un identificador propio"]),
    ("DUPLICATE", ["un identifiant doit nommer une seule chose", "un identificador debe nombrar una sola cosa"], ["renommez l’un des deux ou retirez-le", "cambie el nombre de uno de los dos o quítelo"]),
    ("DUPLICATE_PAIR", ["une paire a un seul score", "una pareja tiene una sola puntuación"], ["n’en gardez qu’une", "deje solo una"]),
    ("UNKNOWN", ["les noms doivent être ceux de candidats et de lignes de la liste", "los nombres deben ser los de candidatos y líneas de la lista"], ["ajoutez-le à la liste, ou corrigez le nom", "añádalo a la lista, o corrija el nombre"]),
    ("NUMBER", ["les nombres sont des chiffres avec au plus un point et sans exposant", "los números son cifras con un punto como máximo y sin exponente"], ["écrivez-le en entier, comme 12 ou \"12.5\"", "escríbalo entero, como 12 o \"12.5\""]),
    ("PRECISION", ["les scores sont exacts à neuf décimales, et rien n’est arrondi", "las puntuaciones son exactas hasta nueve decimales, y nada se redondea"], ["arrondissez-le à neuf décimales", "redondéelo a nueve decimales"]),
    ("WHOLE", ["postes, limites et poids sont entiers", "puestos, límites y pesos son enteros"], ["écrivez un nombre entier", "escriba un número entero"]),
    ("RANGE", ["au-delà, rien n’est calculé exactement, ou cela n’a pas de sens", "más allá nada se calcula con exactitud, o no tiene sentido"], ["écrivez un nombre dans ces limites", "escriba un número dentro de esos límites"]),
    ("UNKNOWN_PAIR", ["seul ce qui est listé dans `pairs` est permis, donc cela n’aurait aucun effet", "solo se permite lo que está en `pairs`, así que esto no tendría efecto"], ["listez la paire, ou retirez ceci", "liste la pareja, o quite esto"]),
    ("GROUP", ["un groupe lie au moins deux candidats", "un grupo une al menos a dos candidatos"], ["nommez-en deux ou plus, ou retirez le groupe", "nombre dos o más, o quite el grupo"]),
    ("TOGETHER_AND_APART", ["qui va ensemble prend des postes sur une même ligne, qui reste séparé non, ils ne pourraient donc que rester dehors", "quienes van juntos toman puestos en una misma línea, quienes van separados no, así que solo podrían quedar fuera"], ["retirez l’un des deux d’un groupe", "quite a uno de los dos de un grupo"]),
    ("PINNED_AND_FORBIDDEN", ["une paire ne peut pas être à la fois choisie et non choisie", "una pareja no puede ser elegida y no elegida a la vez"], ["retirez-la de l’une des deux listes", "quítela de una de las dos listas"]),
    ("TWO_FORMS", ["un quota couvre des paires listées, ou toutes les paires de candidats et de lignes", "un cupo cubre parejas listadas, o todas las parejas de candidatos y líneas"], ["gardez `pairs`, ou gardez `candidates` et `lines`", "deje `pairs`, o deje `candidates` y `lines`"]),
    ("LISTS_SIZE", ["d’une liste on choisit un candidat par poste", "de una lista se elige un candidato por puesto"], ["prenez la politique `optimal`, ou mettez chaque taille et chaque nombre de postes à 1", "use la política `optimal`, o ponga en 1 cada tamaño y cada número de puestos"]),
    ("LISTS_GROUPS", ["un employeur choisit les candidats un à un et pourrait séparer ceux qui vont ensemble", "un empleador elige a los candidatos uno a uno y podría separar a quienes van juntos"], ["prenez la politique `optimal`, ou retirez `together` et `apart`", "use la política `optimal`, o quite `together` y `apart`"]),
    ("LISTS_WEIGHTS", ["dans cette politique un quota compte des paires", "en esta política un cupo cuenta parejas"], ["prenez la politique `optimal`, ou mettez chaque poids à 0 ou 1", "use la política `optimal`, o ponga cada peso en 0 o 1"]),
    ("LISTS_FOLDS", ["une liste nomme de 1 à 20 candidats par poste", "una lista nombra de 1 a 20 candidatos por puesto"], ["demandez-en de 1 à 20", "pida de 1 a 20"]),
    ("LISTS_LARGE", ["ce qui remplit d’abord les listes doit peser plus que tous les scores, en 124 bits", "lo que llena primero las listas debe pesar más que todas las puntuaciones, en 124 bits"], ["demandez moins de candidats par poste, ou donnez des scores avec moins de décimales", "pida menos candidatos por puesto, o dé puntuaciones con menos decimales"]),
    ("STABLE_SIZE", ["avec des places de plusieurs postes, un plan stable peut ne pas exister, et il est difficile de décider s’il existe", "con plazas de varios puestos puede no existir un plan estable, y es difícil decidir si existe"], ["prenez la politique `optimal`, ou mettez chaque taille et chaque nombre de postes à 1", "use la política `optimal`, o ponga en 1 cada tamaño y cada número de puestos"]),
    ("STABLE_GROUPS", ["avec des groupes, un plan stable peut ne pas exister, et il est difficile de décider s’il existe", "con grupos puede no existir un plan estable, y es difícil decidir si existe"], ["prenez la politique `optimal`, ou retirez `together` et `apart`", "use la política `optimal`, o quite `together` y `apart`"]),
    ("STABLE_WEIGHTS", ["dans cette politique un quota compte des paires", "en esta política un cupo cuenta parejas"], ["prenez la politique `optimal`, ou mettez chaque poids à 0 ou 1", "use la política `optimal`, o ponga cada peso en 0 o 1"]),
    ("MORE", ["une liste si longue n’aide personne", "una lista tan larga no ayuda a nadie"], ["corrigez ce qui est listé et redemandez", "corrija lo listado y vuelva a pedirlo"]),
    ("OTHER_MARKET", ["un plan se contrôle avec son propre fichier de marché", "un plan se controla con su propio archivo de mercado"], ["donnez celui dont il est fait", "dé aquel del que se hizo"]),
    ("NOT_LISTED", ["seules les paires listées sont permises", "solo se permiten las parejas listadas"], ANEW),
    ("FORBIDDEN", ["une paire interdite ne doit pas être choisie", "una pareja prohibida no debe elegirse"], ANEW),
    ("TWICE", ["chaque candidat a un poste au plus", "cada candidato tiene un puesto como máximo"], ANEW),
    ("SEATS_EXCEEDED", ["une ligne ne place pas plus de personnes qu’elle n’a de postes", "una línea no coloca a más personas que puestos tiene"], ANEW),
    ("QUOTA_EXCEEDED", ["un quota n’est pas dépassé", "un cupo no se supera"], ANEW),
    ("TORN_APART", ["qui va ensemble est sur une même ligne ou dehors", "quienes van juntos están en una misma línea o fuera"], ANEW),
    ("SAME_LINE", ["qui reste séparé n’est pas sur une même ligne", "quienes van separados no están en una misma línea"], ANEW),
    ("PIN_IGNORED", ["une paire fixée doit être choisie", "una pareja fijada debe elegirse"], ANEW),
    ("MISSTATED", ["ce qu’un plan déclare doit être ce que l’on trouve", "lo que un plan declara debe ser lo que se encuentra"], ANEW),
    ("NOT_PROVED", ["un plan est optimal si sa borne est sa valeur", "un plan es óptimo si su cota es su valor"], ["appelez-le réalisable", "llámelo factible"]),
    ("MISSING", ["un plan de ce statut et de cette politique le déclare", "un plan de este estado y esta política lo declara"], ["déclarez-le", "declárelo"]),
    ("LIST_SHARES", ["il y a une liste par ligne et ensemble de quotas à qui le plan donne des postes, avec autant de postes", "hay una lista por cada línea y conjunto de cupos a los que el plan da puestos, con otros tantos puestos"], ANEW),
    ("LISTED_TWICE", ["personne n’est sur deux listes\u{a0}: les choix pourraient se heurter", "nadie está en dos listas: las elecciones podrían chocar"], ANEW),
    ("LISTED_WRONGLY", ["une liste nomme des paires permises de sa ligne et de ses quotas, celles qui sont fixées comprises", "una lista nombra parejas permitidas de su línea y de sus cupos, incluidas las fijadas"], ANEW),
    ("LIST_LENGTH", ["une liste nomme au moins un candidat et au plus k par poste auquel personne n’est fixé", "una lista nombra al menos un candidato y como máximo k por puesto al que nadie está fijado"], ANEW),
    ("LEFT_OFF_LISTS", ["qui n’est sur aucune liste n’a pas de paire pour laquelle une liste a de la place, ni qui passe avant la dernière", "quien no está en ninguna lista no tiene pareja para la que una lista tenga sitio, ni que pase antes de la última"], ANEW),
    ("LOTTERY_IGNORED", ["de deux personnes à égalité parfaite, celle dont le SHA-256(graine ‖ id) est le plus bas a le poste", "de dos con exactamente el mismo derecho, obtiene el puesto quien tiene el SHA-256(semilla ‖ id) más bajo"], ANEW),
];

/// By sentence: what was found.
#[rustfmt::skip]
const SENTENCES: &[(&str, [&str; 2])] = &[
    ("no-id", ["{id} n’est pas un identifiant", "{id} no es un identificador"]),
    ("no-number", ["{value} n’est pas un nombre", "{value} no es un número"]),
    ("too-precise", ["{value} a plus de neuf décimales", "{value} tiene más de nueve decimales"]),
    ("not-whole", ["{value} n’est pas entier", "{value} no es entero"]),
    ("out-of-range", ["{value} n’est pas entre {least} et {most}", "{value} no está entre {least} y {most}"]),
    ("already", ["{id} est déjà {place}", "{id} ya es {place}"]),
    ("no-candidate", ["aucun candidat ne s’appelle {id}", "ningún candidato se llama {id}"]),
    ("no-line", ["aucune ligne ne s’appelle {id}", "ninguna línea se llama {id}"]),
    ("pair-before", ["{candidate} sur {line} est déjà listé plus haut", "{candidate} en {line} ya está en la lista"]),
    ("no-pair", ["{candidate} n’a pas de paire sur {line}", "{candidate} no tiene pareja en {line}"]),
    ("ranks-twice", ["{candidate} classe une ligne deux fois", "{candidate} ordena una línea dos veces"]),
    ("list-before", ["{candidate} a déjà une liste", "{candidate} ya tiene una lista"]),
    ("also-together", ["{candidate} va aussi ensemble avec un autre", "{candidate} también va junto con otro"]),
    ("group-members", ["membres du groupe\u{a0}: {count}", "miembros del grupo: {count}"]),
    ("named-before", ["{id} est déjà nommé", "{id} ya está nombrado"]),
    ("pinned-as-well", ["{candidate} sur {line} est aussi fixé", "{candidate} en {line} también está fijado"]),
    ("listed-before", ["{id} est déjà listé", "{id} ya está en la lista"]),
    ("both-forms", ["`pairs` et un ensemble sont donnés à la fois", "se dan a la vez `pairs` y un conjunto"]),
    ("file-empty", ["le fichier est vide", "el archivo está vacío"]),
    ("file-large", ["le fichier a {bytes} octets, on en lit {most} au plus", "el archivo tiene {bytes} bytes, se leen {most} como máximo"]),
    ("not-read", ["le lecteur de JSON dit\u{a0}: {parser}", "el lector de JSON dice: {parser}"]),
    ("asked-for", ["demandés\u{a0}: {count}", "pedidos: {count}"]),
    ("score-too-great", ["un score est trop grand", "una puntuación es demasiado grande"]),
    ("weights-too-large", ["{tiers} candidats par poste avec de tels scores demandent des poids au-delà de 124 bits", "{tiers} candidatos por puesto con tales puntuaciones piden pesos de más de 124 bits"]),
    ("too-many-pairs", ["{pairs} paires, chacune avec sa place sur les listes, sont trop", "{pairs} parejas, cada una con su lugar en las listas, son demasiadas"]),
    ("solver-refuses", ["le solveur refuse les listes avec {code}", "el solucionador rechaza las listas con {code}"]),
    ("takes-seats", ["{candidate} prend {seats} postes", "{candidate} ocupa {seats} puestos"]),
    ("weighs", ["{candidate} pèse {weight} dans {quota}", "{candidate} pesa {weight} en {quota}"]),
    ("groups", ["groupes\u{a0}: {count}", "grupos: {count}"]),
    ("more", ["{count} constats de plus ne sont pas listés", "{count} hallazgos más no están en la lista"]),
    ("other-market", ["le plan est de {stated}, le fichier est {found}", "el plan es de {stated}, el archivo es {found}"]),
    ("pair-unlisted", ["{candidate} sur {line} n’est pas listé", "{candidate} en {line} no está en la lista"]),
    ("pair-forbidden", ["{candidate} sur {line} est interdit", "{candidate} en {line} está prohibido"]),
    ("pair-score", ["{candidate} sur {line} a un score de {score} et {seats} postes", "{candidate} en {line} tiene una puntuación de {score} y {seats} puestos"]),
    ("seated-before", ["{candidate} a déjà un poste", "{candidate} ya tiene un puesto"]),
    ("line-over", ["la ligne {line} place {taken} sur {seats}", "la línea {line} coloca {taken} en {seats}"]),
    ("quota-over", ["le quota {quota} contient {used} sur {limit}", "el cupo {quota} contiene {used} de {limit}"]),
    ("group-torn", ["le groupe de {candidate} n’est pas sur une même ligne", "el grupo de {candidate} no está en una misma línea"]),
    ("not-apart", ["{candidate} n’est pas séparé de son groupe", "{candidate} no está separado de su grupo"]),
    ("pin-ignored", ["{candidate} est fixé sur {line}", "{candidate} está fijado en {line}"]),
    ("not-stated", ["{member} n’est pas déclaré", "{member} no está declarado"]),
    ("stated-found", ["déclaré {stated}, trouvé {found}", "declarado {stated}, encontrado {found}"]),
    ("bound-decimal", ["la borne n’est pas déclarée comme décimale", "la cota no está declarada como decimal"]),
    ("bound-below", ["la borne {bound} est sous la valeur {value}", "la cota {bound} está por debajo del valor {value}"]),
    ("gap-open", ["l’écart est de {gap}", "la diferencia es de {gap}"]),
    ("prices-fail", ["les prix ne prouvent pas cette borne", "los precios no prueban esta cota"]),
    ("prices-lower", ["les prix prouvent une borne plus basse que celle déclarée", "los precios prueban una cota más baja que la declarada"]),
    ("line-price", ["la ligne {line} a le prix {price}\u{a0}: elle n’existe pas, ou ce n’est pas une décimale à partir de 0", "la línea {line} tiene el precio {price}: no existe, o no es un decimal desde 0"]),
    ("quota-price", ["le quota {quota} a le prix {price}\u{a0}: il n’existe pas, ou ce n’est pas une décimale à partir de 0", "el cupo {quota} tiene el precio {price}: no existe, o no es un decimal desde 0"]),
    ("group-price", ["le groupe {group} sur {line} a le prix {price}\u{a0}: il n’existe pas, ou ce n’est pas une décimale à partir de 0", "el grupo {group} en {line} tiene el precio {price}: no existe, o no es un decimal desde 0"]),
    ("lists-folds", ["lists et folds ne sont pas déclarés tous les deux", "lists y folds no están declarados los dos"]),
    ("list-seats", ["{line} a une liste pour {stated} postes, {found} sont les siens", "{line} tiene una lista para {stated} puestos, {found} son suyos"]),
    ("no-list", ["{seats} postes de {line} n’ont pas de liste", "{seats} puestos de {line} no tienen lista"]),
    ("no-such-pair", ["{candidate} n’a pas de telle paire", "{candidate} no tiene tal pareja"]),
    ("has-score", ["{candidate} a un score de {score}", "{candidate} tiene una puntuación de {score}"]),
    ("ranks-above", ["{candidate} passe avant celui du dessus", "{candidate} pasa antes que el de arriba"]),
    ("pinned-unlisted", ["{candidate} est fixé et n’est pas listé", "{candidate} está fijado y no está en la lista"]),
    ("list-length", ["{named} sont nommés pour {seats} postes, {most} peuvent l’être au plus", "se nombran {named} para {seats} puestos, como máximo pueden ser {most}"]),
    ("left-off", ["{candidate} manque sur une liste de {line}", "{candidate} falta en una lista de {line}"]),
    ("later-draw", ["{candidate} a perdu {line} face à {other}, dont le tirage {draw}… est plus tard", "{candidate} perdió {line} frente a {other}, cuyo sorteo {draw}… es posterior"]),
    ("states-why", ["un plan infaisable dit pourquoi, et n’a pas de paires", "un plan infactible dice por qué, y no tiene parejas"]),
    ("plan-exists", ["les paires fixées sont à elles seules un plan, il en existe donc un", "las parejas fijadas son por sí solas un plan, así que existe uno"]),
    ("blocking-differs", ["{candidate} sur {line} est déclaré ou trouvé, mais pas les deux", "{candidate} en {line} está declarado o encontrado, pero no ambas cosas"]),
    ("pairs-block", ["{count} paires bloquent", "{count} parejas bloquean"]),
    ("pinned-twice", ["{candidate} est fixé sur {line} et sur {elsewhere}", "{candidate} está fijado en {line} y en {elsewhere}"]),
    ("pinned-apart", ["{candidate} et {other} vont ensemble, mais l’un est fixé sur {line}, l’autre sur {elsewhere}", "{candidate} y {other} van juntos, pero uno está fijado en {line} y el otro en {elsewhere}"]),
    ("cannot-follow", ["{candidate} est fixé sur {line} et va ensemble avec {other}, qui n’y a pas de paire", "{candidate} está fijado en {line} y va junto con {other}, que no tiene pareja allí"]),
    ("may-not-follow", ["{candidate} est fixé sur {line} et va ensemble avec {other}, à qui elle est interdite", "{candidate} está fijado en {line} y va junto con {other}, a quien le está prohibida"]),
    ("seats-overrun", ["les paires fixées, avec ceux qui vont avec, prennent {taken} postes sur la ligne {line}, qui en a {seats}\u{a0}: {over} de trop", "las parejas fijadas, con quienes van con ellas, ocupan {taken} puestos en la línea {line}, que tiene {seats}: {over} de más"]),
    ("quota-overrun", ["les paires fixées, avec ceux qui vont avec, pèsent {used} dans le quota {quota}, limité à {limit}\u{a0}: {over} de trop", "las parejas fijadas, con quienes van con ellas, pesan {used} en el cupo {quota}, limitado a {limit}: {over} de más"]),
    ("apart-pinned", ["{candidate} et {other} restent séparés, mais des paires fixées les mettent tous deux sur la ligne {line}", "{candidate} y {other} van separados, pero unas parejas fijadas los ponen a ambos en la línea {line}"]),
];

/// By code of a cause: what mends it.
#[rustfmt::skip]
const CAUSES: &[(&str, [&str; 2])] = &[
    ("PINNED_TWICE", ["retirez l’une des paires fixées", "quite una de las parejas fijadas"]),
    ("TOGETHER_PINNED_APART", ["retirez l’une des paires fixées", "quite una de las parejas fijadas"]),
    ("TOGETHER_CANNOT_FOLLOW", ["permettez la paire, ou retirez la paire fixée", "permita la pareja, o quite la pareja fijada"]),
    ("SEATS_OVERRUN", ["ajoutez les postes, ou retirez des paires fixées", "añada los puestos, o quite parejas fijadas"]),
    ("QUOTA_OVERRUN", ["relevez la limite, ou retirez des paires fixées", "suba el límite, o quite parejas fijadas"]),
    ("APART_PINNED", ["retirez une paire fixée, ou l’un des deux du groupe", "quite una pareja fijada, o a uno de los dos del grupo"]),
];

/// The place of a language in these tables; none for English.
fn column(language: Language) -> Option<usize> {
    language.of([None, Some(0), Some(1)])
}

/// What was found, by sentence and values.
fn sentence<K: AsRef<str> + Ord>(column: usize, said: &str, values: &BTreeMap<K, String>) -> Option<String> {
    let (_, texts) = SENTENCES.iter().find(|(known, _)| *known == said)?;
    let mut rest = texts[column];
    let mut text = String::new();
    // From left to right, so that a value that looks like a name stands as it is.
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}')?;
        text.push_str(before);
        text.push_str(values.iter().find(|(known, _)| known.as_ref() == name)?.1);
        rest = after;
    }
    Some(text + rest)
}

/// A finding as one sentence; in English where there are no words for it.
pub(crate) fn finding(language: Language, finding: &Finding) -> String {
    let told = column(language).and_then(|column| {
        let what = sentence(column, finding.said, &finding.arguments)?;
        let (_, why, mend) = RULES.iter().find(|(code, ..)| *code == finding.code)?;
        Some((what, why[column], mend[column]))
    });
    let Some((what, why, mend)) = told else { return finding.to_string() };
    let (code, at) = (finding.code, &finding.at);
    language.of([
        finding.to_string(),
        format!("{code} à {at}\u{a0}: {what}\u{202f}; {why}. Pour y remédier\u{a0}: {mend}."),
        format!("{code} en {at}: {what}; {why}. Para remediarlo: {mend}."),
    ])
}

/// A cause for which there is no plan, with what mends it.
pub(crate) fn cause(language: Language, cause: &Cause) -> String {
    let told = column(language).and_then(|column| {
        let what = sentence(column, &cause.said, &cause.arguments)?;
        let (_, mend) = CAUSES.iter().find(|(code, _)| *code == cause.code)?;
        Some((what, mend[column].to_owned()))
    });
    let code = &cause.code;
    let english = format!("{code}: {}. To mend it: {}.", cause.what, cause.mend);
    let Some((what, mend)) = told else { return english };
    language.of([
        english,
        format!("{code}\u{a0}: {what}. Pour y remédier\u{a0}: {mend}."),
        format!("{code}: {what}. Para remediarlo: {mend}."),
    ])
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// The sources of the door.
    fn sources() -> String {
        fn walk(folder: &Path, text: &mut String) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    walk(&path, text);
                } else {
                    text.push_str(&fs::read_to_string(&path).unwrap());
                }
            }
        }
        let mut text = String::new();
        walk(&Path::new(&std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../matching/door/src"), &mut text);
        text
    }

    /// The literal with which a text begins, quotes off.
    fn literal(text: &str) -> Option<&str> {
        text.trim_start().strip_prefix('"')?.split('"').next()
    }

    fn names(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
    }

    #[test]
    fn every_sentence_of_the_door_has_words_with_the_same_values() {
        let text = sources();
        // A comment that shows how to write one has its sentence in the sources, too.
        let said = text.split("what!(").skip(1).filter_map(|rest| {
            let said = literal(rest)?;
            let english = rest.trim_start()[said.len() + 2..].trim_start().strip_prefix(':')?;
            Some((said, literal(english)?))
        });
        let said: BTreeSet<(&str, &str)> = said.collect();
        assert!(said.len() > 55, "the sources were read: {said:?}");
        for (said, english) in said {
            let found = SENTENCES.iter().find(|(known, _)| *known == said);
            let (_, texts) = found.unwrap_or_else(|| panic!("no words for {said}"));
            for text in texts {
                assert_eq!(names(text), names(english), "{said}: {text}");
            }
        }
    }

    #[test]
    fn every_rule_and_every_cause_of_the_door_has_words() {
        let text = sources();
        let rules: BTreeSet<&str> = text.split("Rule(").skip(1).filter_map(literal).collect();
        assert!(rules.len() > 40, "the sources were read: {rules:?}");
        for code in rules {
            assert!(RULES.iter().any(|(known, ..)| *known == code), "no words for {code}");
        }
        let causes: BTreeSet<&str> =
            text.split(" cause(").skip(1).chain(text.split("(cause(").skip(1)).filter_map(literal).collect();
        assert!(causes.len() >= 4, "{causes:?}");
        for code in causes.into_iter().chain(["PINNED_TWICE", "TOGETHER_PINNED_APART"]) {
            assert!(CAUSES.iter().any(|(known, _)| *known == code), "no words for {code}");
        }
    }

    #[test]
    fn french_signs_stand_at_their_words() {
        let rules = RULES.iter().flat_map(|(_, why, mend)| [why[0], mend[0]]);
        let sentences = SENTENCES.iter().chain(CAUSES).map(|(_, texts)| texts[0]);
        for text in rules.chain(sentences) {
            assert!([" :", " ;", " ?", " !"].iter().all(|wrong| !text.contains(wrong)), "{text}");
        }
    }

    #[test]
    fn a_wrong_file_is_told_in_the_readers_language_with_what_stands_in_it() {
        let text = r#"{"candidates":[{"id":"{place}"},{"id":"{place}"}],"lines":[{"id":"l","seats":1}],"pairs":[]}"#;
        let findings = door::read::market(text.as_bytes()).unwrap_err();
        let french = finding(Language::Fr, &findings[0]);
        assert_eq!(
            french,
            "DUPLICATE à $.candidates[1].id\u{a0}: \"{place}\" est déjà $.candidates[0]\u{202f}; un identifiant doit nommer une \
             seule chose. Pour y remédier\u{a0}: renommez l’un des deux ou retirez-le."
        );
        assert_eq!(finding(Language::En, &findings[0]), findings[0].to_string());
        let unknown = Finding { said: "of-tomorrow", ..findings[0].clone() };
        assert_eq!(finding(Language::Es, &unknown), unknown.to_string(), "what has no words is said in English");
    }
}
