//! The contracts' own words: the comments above services, calls, messages and fields.

use std::collections::HashMap;

use prost_reflect::{DescriptorPool, FileDescriptor, MethodDescriptor};

/// Comments by file and place.
pub(super) struct Comments(HashMap<String, HashMap<Vec<i32>, String>>);

impl Comments {
    pub(super) fn read(contracts: &DescriptorPool) -> Self {
        let of = |file: &FileDescriptor| {
            let info = file.file_descriptor_proto().source_code_info.as_ref();
            let places = info.map(|info| info.location.as_slice()).unwrap_or_default();
            let said = places.iter().filter_map(|place| {
                let text = place.leading_comments.as_deref()?;
                Some((place.path.clone(), text.split_whitespace().collect::<Vec<_>>().join(" ")))
            });
            said.collect()
        };
        Self(contracts.files().map(|file| (file.name().to_owned(), of(&file))).collect())
    }

    /// The comment above a part of a file; empty if there is none.
    pub(super) fn of(&self, file: &FileDescriptor, path: &[i32]) -> String {
        self.0.get(file.name()).and_then(|places| places.get(path)).cloned().unwrap_or_default()
    }

    /// What a call does, in a sentence and in full. A call without a comment is called by its name.
    pub(super) fn call(&self, method: &MethodDescriptor) -> (String, String) {
        let text = self.of(&method.parent_file(), method.path());
        if text.is_empty() {
            return (spell(method.name()), text);
        }
        let end = text.find(". ").map_or(text.len(), |at| at + 1);
        (text[..end].trim_end_matches('.').to_owned(), text)
    }
}

/// `ListJobOrders` → `List job orders`.
fn spell(name: &str) -> String {
    let mut words = String::new();
    for (index, sign) in name.chars().enumerate() {
        if sign.is_uppercase() && index > 0 {
            words.push(' ');
            words.extend(sign.to_lowercase());
        } else {
            words.push(sign);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::spell;

    #[test]
    fn a_name_is_spelled_as_words() {
        assert_eq!(spell("ListJobOrders"), "List job orders");
        assert_eq!(spell("Tally"), "Tally");
    }
}
