//! The second line of a passport's machine-readable zone: ICAO Doc 9303, part 4, size TD3. Its five check digits find
//! nearly every slip of a keyboard before a visa desk does.

/// Signs of the line.
const LENGTH: usize = 44;
/// Name, first sign, sign after the last, place of the check digit; places count from 0.
const FIELDS: [(&str, usize, usize, usize); 4] = [
    ("document number", 0, 9, 9),
    ("date of birth", 13, 19, 19),
    ("date of expiry", 21, 27, 27),
    ("personal number", 28, 42, 42),
];
/// What the last check digit covers, by places.
const COVERED: [(usize, usize); 3] = [(0, 10), (13, 20), (21, 43)];
const COMPOSITE: usize = 43;
/// Letters that are typed for digits.
const LOOKALIKES: [(u8, u8); 5] = [(b'O', b'0'), (b'I', b'1'), (b'B', b'8'), (b'S', b'5'), (b'Z', b'2')];

/// What the line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mrz {
    pub(super) document_number: String,
    /// `YYMMDD`.
    pub(super) born: String,
    /// `F`, `M` or `X`.
    pub(super) sex: char,
    pub(super) expires: String,
}

/// Why the line cannot be true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The line has this many signs.
    Length(usize),
    /// A sign that no line has, at this place, counted from 1.
    Sign(usize, char),
    /// A check digit does not fit its field.
    Digit(&'static str),
    /// It would fit if the letter at this place, counted from 1, were the digit.
    Letter { place: usize, letter: char, digit: char },
}

/// Reads a line of capitals.
pub(super) fn read(line: &str) -> Result<Mrz, Fault> {
    let known = |sign: char| sign.is_ascii_uppercase() || sign.is_ascii_digit() || sign == '<';
    if let Some((at, sign)) = line.chars().enumerate().find(|(_, sign)| !known(*sign)) {
        return Err(Fault::Sign(at + 1, sign));
    }
    let signs: [u8; LENGTH] = line.as_bytes().try_into().map_err(|_| Fault::Length(line.len()))?;
    for (name, from, to, check) in FIELDS {
        // An empty personal number may have a filler for its check digit.
        let optional = from == 28 && signs[from..=to].iter().all(|sign| *sign == b'<');
        if !optional && !fits(&signs[from..to], signs[check]) {
            return Err(lookalike(&signs, (from, to, check)).unwrap_or(Fault::Digit(name)));
        }
    }
    if !fits(&covered(&signs), signs[COMPOSITE]) {
        return Err(Fault::Digit("whole line"));
    }
    let text = |from: usize, to: usize| String::from_utf8_lossy(&signs[from..to]).into_owned();
    let sex = if signs[20] == b'<' { 'X' } else { char::from(signs[20]) };
    Ok(Mrz { document_number: text(0, 9).replace('<', ""), born: text(13, 19), sex, expires: text(21, 27) })
}

fn covered(signs: &[u8; LENGTH]) -> Vec<u8> {
    COVERED.iter().flat_map(|(from, to)| &signs[*from..*to]).copied().collect()
}

/// The check digit: values weighted 7, 3, 1 in turn, their sum modulo 10.
pub(crate) fn check_digit(field: &[u8]) -> u8 {
    let value = |sign: u8| match sign {
        b'0'..=b'9' => u32::from(sign - b'0'),
        b'A'..=b'Z' => u32::from(sign - b'A') + 10,
        _ => 0,
    };
    let sum: u32 = field.iter().zip([7, 3, 1].iter().cycle()).map(|(sign, weight)| value(*sign) * weight).sum();
    b'0' + u8::try_from(sum % 10).unwrap_or_default()
}

fn fits(field: &[u8], check: u8) -> bool {
    check_digit(field) == check
}

/// The first letter that makes the field fit once it is the digit it looks like.
fn lookalike(signs: &[u8; LENGTH], (from, to, check): (usize, usize, usize)) -> Option<Fault> {
    for at in (from..to).chain([check]) {
        let Some((letter, digit)) = LOOKALIKES.iter().find(|(letter, _)| *letter == signs[at]) else { continue };
        let mut other = *signs;
        other[at] = *digit;
        if fits(&other[from..to], other[check]) {
            return Some(Fault::Letter { place: at + 1, letter: char::from(*letter), digit: char::from(*digit) });
        }
    }
    None
}

/// Writes the line of a passport: number (at most 9 signs), nationality (3 letters), `YYMMDD` twice, sex.
pub(crate) fn write(number: &str, nationality: &str, (born, sex, expires): (&str, char, &str)) -> String {
    let checked = |field: &str| format!("{field}{}", char::from(check_digit(field.as_bytes())));
    let sex = if sex == 'X' { '<' } else { sex };
    let (number, born, expires) = (checked(&format!("{number:<<9}")), checked(born), checked(expires));
    let personal = checked("<<<<<<<<<<<<<<");
    let composite = check_digit(format!("{number}{born}{expires}{personal}").as_bytes());
    format!("{number}{nationality}{born}{sex}{expires}{personal}{}", char::from(composite))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The specimen of ICAO Doc 9303, part 4, appendix A.
    const SPECIMEN: &str = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

    #[test]
    fn the_specimen_of_icao_is_read() {
        let read = read(SPECIMEN).unwrap();
        assert_eq!(
            (read.document_number.as_str(), read.born.as_str(), read.sex, read.expires.as_str()),
            ("L898902C3", "740812", 'F', "120415")
        );
    }

    #[test]
    fn every_wrong_digit_is_found() {
        for (at, name) in
            [(2, "document number"), (14, "date of birth"), (22, "date of expiry"), (30, "personal number")]
        {
            let mut line = SPECIMEN.as_bytes().to_vec();
            line[at] = if line[at] == b'9' { b'3' } else { b'9' };
            assert_eq!(read(std::str::from_utf8(&line).unwrap()), Err(Fault::Digit(name)));
        }
        let wrong = format!("{}1", &SPECIMEN[..43]);
        assert_eq!(read(&wrong), Err(Fault::Digit("whole line")));
    }

    #[test]
    fn the_letter_that_was_typed_for_a_zero_is_named() {
        let line = SPECIMEN.replacen("L898902C3", "L8989O2C3", 1);
        assert_eq!(read(&line), Err(Fault::Letter { place: 6, letter: 'O', digit: '0' }));
        let line = SPECIMEN.replacen("740812", "74O812", 1);
        assert_eq!(read(&line), Err(Fault::Letter { place: 16, letter: 'O', digit: '0' }));
    }

    #[test]
    fn a_line_of_another_shape_is_said_so() {
        assert_eq!(read(&SPECIMEN[..43]), Err(Fault::Length(43)));
        assert_eq!(read(&SPECIMEN.replace("UTO", "uTO")), Err(Fault::Sign(11, 'u')));
    }

    #[test]
    fn what_is_written_can_be_read() {
        let line = write("AB12345", "COL", ("940228", 'X', "310101"));
        let read = read(&line).unwrap();
        assert_eq!((read.document_number.as_str(), read.sex), ("AB12345", 'X'));
    }
}
