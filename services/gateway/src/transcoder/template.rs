//! Path templates of `google.api.http`: literals, `{field}`, `{field=pattern}`, `*`, a last `**`, and a `:verb`.

use anyhow::{Context, bail, ensure};

/// One step of a path. The order is the order of precedence: what is written out wins over what is left open.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Segment {
    Literal(String),
    /// Exactly one segment.
    One,
    /// All that remain, at least one.
    Many,
}

/// A field of the request that a part of the path fills: segments `from..to`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Variable {
    field: String,
    from: usize,
    to: usize,
}

/// Names and values, decoded.
pub(crate) type Pairs = Vec<(String, String)>;

/// A parsed template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Template {
    source: String,
    segments: Vec<Segment>,
    variables: Vec<Variable>,
    verb: String,
}

/// The path of a request, still percent-encoded: a sign that was encoded is data, never structure.
#[derive(Debug, Clone)]
pub(crate) struct Path<'a> {
    segments: Vec<&'a str>,
    verb: &'a str,
}

impl<'a> Path<'a> {
    /// Splits off the verb and the segments.
    pub(crate) fn new(path: &'a str) -> Self {
        let mut segments: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let mut verb = "";
        if let Some(last) = segments.last_mut()
            && let Some((rest, found)) = last.rsplit_once(':')
        {
            (*last, verb) = (rest, found);
        }
        Self { segments, verb }
    }
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// If it is not one.
    pub(crate) fn parse(source: &str) -> anyhow::Result<Self> {
        let path = source.strip_prefix('/').with_context(|| format!("{source:?} does not begin with a slash"))?;
        let (mut rest, verb) = match path.rfind(':') {
            Some(at) if !path[at..].contains(['/', '}']) => (&path[..at], &path[at + 1..]),
            _ => (path, ""),
        };
        let mut template =
            Self { source: source.to_owned(), segments: Vec::new(), variables: Vec::new(), verb: verb.to_owned() };
        loop {
            let end = if rest.starts_with('{') {
                rest.find('}').with_context(|| format!("{source:?} does not close a brace"))? + 1
            } else {
                rest.find('/').unwrap_or(rest.len())
            };
            let (part, tail) = rest.split_at(end);
            template.push(part)?;
            match tail.strip_prefix('/') {
                Some(next) => rest = next,
                None if tail.is_empty() => break,
                None => bail!("{source:?} has something after a brace"),
            }
        }
        let many = template.segments.iter().position(|segment| *segment == Segment::Many);
        ensure!(many.is_none_or(|at| at + 1 == template.segments.len()), "{source:?} goes on after **");
        Ok(template)
    }

    fn push(&mut self, part: &str) -> anyhow::Result<()> {
        let Some(inner) = part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) else {
            return self.push_segment(part);
        };
        let (field, pattern) = inner.split_once('=').unwrap_or((inner, "*"));
        let from = self.segments.len();
        for segment in pattern.split('/') {
            self.push_segment(segment)?;
        }
        self.variables.push(Variable { field: field.to_owned(), from, to: self.segments.len() });
        Ok(())
    }

    fn push_segment(&mut self, text: &str) -> anyhow::Result<()> {
        self.segments.push(match text {
            "*" => Segment::One,
            "**" => Segment::Many,
            _ if text.is_empty() || text.contains(['{', '}', '*', ':']) => {
                bail!("{:?} has the segment {text:?}", self.source)
            }
            _ => Segment::Literal(text.to_owned()),
        });
        Ok(())
    }

    /// The fields that this path fills, decoded; `None` if the path is another one.
    pub(crate) fn matches(&self, path: &Path<'_>) -> Option<Pairs> {
        let open = self.segments.last() == Some(&Segment::Many);
        let enough =
            if open { path.segments.len() >= self.segments.len() } else { path.segments.len() == self.segments.len() };
        if !enough || path.verb != self.verb {
            return None;
        }
        for (segment, given) in self.segments.iter().zip(&path.segments) {
            match segment {
                Segment::Literal(text) if text != given => return None,
                Segment::One if given.is_empty() => return None,
                _ => {}
            }
        }
        self.variables
            .iter()
            .map(|variable| {
                let to = if open && variable.to == self.segments.len() { path.segments.len() } else { variable.to };
                let parts: Option<Vec<String>> =
                    path.segments[variable.from..to].iter().map(|part| decode(part)).collect();
                Some((variable.field.clone(), parts?.join("/")))
            })
            .collect()
    }

    /// What decides which template is tried first, and whether two are the same.
    pub(crate) fn precedence(&self) -> (&[Segment], &str) {
        (&self.segments, &self.verb)
    }

    /// Paths of the fields that it fills.
    pub(crate) fn fields(&self) -> impl Iterator<Item = &str> {
        self.variables.iter().map(|variable| variable.field.as_str())
    }

    /// As it was written.
    pub(crate) fn source(&self) -> &str {
        &self.source
    }
}

/// Undoes percent-encoding; `None` if what comes out is not text.
pub(crate) fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if byte != b'%' {
            bytes.push(byte);
            rest = tail;
            continue;
        }
        let (digits, tail) = tail.split_at_checked(2)?;
        bytes.extend(hex::decode(digits).ok()?);
        rest = tail;
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(template: &str, path: &str) -> Option<Vec<(String, String)>> {
        Template::parse(template).unwrap().matches(&Path::new(path))
    }

    fn filled(pairs: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        Some(pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn a_path_fills_the_fields_it_names() {
        let template = "/v1/rounds/{round_id}/candidates/{candidate_id}:explain";
        let path = "/v1/rounds/7/candidates/0190-a:explain";
        assert_eq!(matched(template, path), filled(&[("round_id", "7"), ("candidate_id", "0190-a")]));
        assert_eq!(matched(template, "/v1/rounds/7/candidates/0190-a"), None);
        assert_eq!(matched(template, "/v1/rounds//candidates/0190-a:explain"), None);
        assert_eq!(matched(template, "/v1/rounds/7/lines/0190-a:explain"), None);
    }

    #[test]
    fn a_verb_belongs_to_the_path() {
        assert_eq!(matched("/v1/rulePacks:inForce", "/v1/rulePacks:inForce"), filled(&[]));
        assert_eq!(matched("/v1/rulePacks:inForce", "/v1/rulePacks"), None);
        assert_eq!(matched("/v1/corridors/{code}", "/v1/corridors/CO-ES:close"), None);
    }

    #[test]
    fn encoded_signs_are_data() {
        assert_eq!(matched("/v1/a/{id}", "/v1/a/x%3Ay%2Fz%20%C3%A9"), filled(&[("id", "x:y/z é")]));
        assert_eq!(matched("/v1/a/{id}", "/v1/a/%zz"), None);
        assert_eq!(matched("/v1/a/{id}", "/v1/a/%C3"), None);
    }

    #[test]
    fn patterns_take_several_segments() {
        assert_eq!(matched("/v1/{name=files/*}", "/v1/files/a"), filled(&[("name", "files/a")]));
        assert_eq!(matched("/v1/{name=files/**}:get", "/v1/files/a/b:get"), filled(&[("name", "files/a/b")]));
        assert_eq!(matched("/v1/{name=files/**}", "/v1/files"), None);
    }

    #[test]
    fn what_is_no_template_is_refused() {
        for source in ["v1/a", "/v1/{a", "/v1/{a}b", "/v1//a", "/v1/**/a", "/v1/{a=**}/b"] {
            assert!(Template::parse(source).is_err(), "{source}");
        }
    }

    #[test]
    fn written_out_wins_over_left_open() {
        let (one, open) = (Template::parse("/v1/a/b").unwrap(), Template::parse("/v1/a/{id}").unwrap());
        assert!(one.precedence() < open.precedence());
    }
}
