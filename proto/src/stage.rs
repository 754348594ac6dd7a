use crate::placement::Stage;

impl Stage {
    /// Every stage, in the order of the contract; not [`Stage::Unspecified`].
    pub fn all() -> impl Iterator<Item = Self> {
        (1..).map_while(|number| Self::try_from(number).ok())
    }
}

#[cfg(test)]
mod tests {
    use prost::Message as _;
    use prost_types::FileDescriptorSet;

    use super::*;

    /// The numbers are counted up to the first that is none: one left out would hide those behind it.
    #[test]
    fn all_stages_are_those_that_the_contract_names() {
        let contracts = FileDescriptorSet::decode(crate::DESCRIPTORS).unwrap();
        let files = contracts.file.iter().filter(|file| file.package.as_deref() == Some("circula.placement.v1"));
        let stage =
            files.flat_map(|file| &file.enum_type).find(|named| named.name.as_deref() == Some("Stage")).unwrap();
        let named: Vec<&str> = stage.value.iter().filter_map(|value| value.name.as_deref()).collect();
        let all: Vec<&str> = Stage::all().map(|stage| stage.as_str_name()).collect();
        assert_eq!((named[0], &named[1..]), ("STAGE_UNSPECIFIED", all.as_slice()));
    }
}
