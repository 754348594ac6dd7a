//! The 17 steps of a placement, and the eight columns of the rivers.

/// A step on the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    Proposed,
    Selected,
    Offered,
    Accepted,
    ContractSigned,
    Authorised,
    VisaApplied,
    VisaGranted,
    MedicalCleared,
    Trained,
    PdoDone,
    TravelBooked,
    Departed,
    Arrived,
    Working,
    WorkEnded,
    ReturnedVerified,
}

impl Step {
    pub const ALL: [Step; 17] = [
        Step::Proposed,
        Step::Selected,
        Step::Offered,
        Step::Accepted,
        Step::ContractSigned,
        Step::Authorised,
        Step::VisaApplied,
        Step::VisaGranted,
        Step::MedicalCleared,
        Step::Trained,
        Step::PdoDone,
        Step::TravelBooked,
        Step::Departed,
        Step::Arrived,
        Step::Working,
        Step::WorkEnded,
        Step::ReturnedVerified,
    ];

    /// Returns the place on the ring, from 1 to 17.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8 + 1
    }

    /// Returns the code the services use.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Step::Proposed => "PROPOSED",
            Step::Selected => "SELECTED",
            Step::Offered => "OFFERED",
            Step::Accepted => "ACCEPTED",
            Step::ContractSigned => "CONTRACT_SIGNED",
            Step::Authorised => "AUTHORISED",
            Step::VisaApplied => "VISA_APPLIED",
            Step::VisaGranted => "VISA_GRANTED",
            Step::MedicalCleared => "MEDICAL_CLEARED",
            Step::Trained => "TRAINED",
            Step::PdoDone => "PDO_DONE",
            Step::TravelBooked => "TRAVEL_BOOKED",
            Step::Departed => "DEPARTED",
            Step::Arrived => "ARRIVED",
            Step::Working => "WORKING",
            Step::WorkEnded => "WORK_ENDED",
            Step::ReturnedVerified => "RETURNED_VERIFIED",
        }
    }

    /// Finds the step of a code.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Step> {
        Step::ALL.into_iter().find(|step| step.code() == code)
    }
}

/// A column of the rivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    Ordered,
    Proposed,
    Signed,
    Visa,
    Departed,
    Working,
    Completed,
    Returned,
}

impl Column {
    pub const ALL: [Column; 8] = [
        Column::Ordered,
        Column::Proposed,
        Column::Signed,
        Column::Visa,
        Column::Departed,
        Column::Working,
        Column::Completed,
        Column::Returned,
    ];

    /// Returns the key of the column's name.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Column::Ordered => "column-ordered",
            Column::Proposed => "column-proposed",
            Column::Signed => "column-signed",
            Column::Visa => "column-visa",
            Column::Departed => "column-departed",
            Column::Working => "column-working",
            Column::Completed => "column-completed",
            Column::Returned => "column-returned",
        }
    }

    /// Returns the code of the list a number of this column leads to.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Column::Ordered => "ORDERED",
            Column::Proposed => "PROPOSED",
            Column::Signed => "CONTRACT_SIGNED",
            Column::Visa => "VISA_GRANTED",
            Column::Departed => "DEPARTED",
            Column::Working => "WORKING",
            Column::Completed => "WORK_ENDED",
            Column::Returned => "RETURNED_VERIFIED",
        }
    }
}
