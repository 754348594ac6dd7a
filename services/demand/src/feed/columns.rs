//! The columns that are read, and findings that name them.

use import::{Finding, Row};

macro_rules! columns {
    ($($column:ident = $name:literal),* $(,)?) => {
        /// A column that is read.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Column { $($column),* }

        /// Their names, as in the head of the file.
        pub(super) const NAMES: [&str; [$($name),*].len()] = [$($name),*];
    };
}

columns! {
    Case = "CASE_NUMBER",
    Decided = "DECISION_DATE",
    Received = "CASE_RECEIVED_DATE",
    Status = "CASE_STATUS",
    Start = "REQUESTED_START_DATE_OF_NEED",
    End = "REQUESTED_END_DATE_OF_NEED",
    Kind = "PRIMARY/SUB",
    Employer = "EMPLOYER_NAME",
    EmployerCity = "EMPLOYER_CITY",
    EmployerState = "EMPLOYER_STATE",
    EmployerPostal = "EMPLOYER_POSTAL_CODE",
    EmployerCountry = "EMPLOYER_COUNTRY",
    Title = "JOB_TITLE",
    Soc = "SOC_CODE",
    SocTitle = "SOC_TITLE",
    Requested = "NBR_WORKERS_REQUESTED",
    Certified = "NBR_WORKERS_CERTIFIED",
    Hours = "BASIC_NUMBER_OF_HOURS",
    Pay = "BASIC_RATE_OF_PAY",
    PayUnit = "BASIC_UNIT_OF_PAY",
    Experience = "EMP_EXPERIENCE_REQD",
    ExperienceMonths = "EMP_EXP_NUM_MONTHS",
    City = "WORKSITE_CITY",
    State = "WORKSITE_STATE",
}

impl Column {
    pub(super) const fn name(self) -> &'static str {
        NAMES[self as usize]
    }
}

/// Where the columns stand in one file.
pub(super) struct Sheet {
    at: [usize; NAMES.len()],
}

impl Sheet {
    /// The engine has seen to it that the head has every column.
    pub(super) fn new(head: &[String]) -> Self {
        let at =
            NAMES.map(|name| head.iter().position(|column| column.eq_ignore_ascii_case(name)).unwrap_or(usize::MAX));
        Self { at }
    }

    /// The field of a row, without spaces around it.
    pub(super) fn get<'r>(&self, row: &'r Row, column: Column) -> &'r str {
        row.fields.get(self.at[column as usize]).map_or("", |field| field.trim())
    }
}

/// The column that a field of an order comes from.
pub(super) fn of_field(field: &str) -> &'static str {
    match field {
        "ends_on" => Column::End.name(),
        "hours_week" => Column::Hours.name(),
        _ => Column::Certified.name(),
    }
}

/// A finding at a column that flags the row; see [`Said`].
pub(super) fn finding(column: Column, value: &str, code: &str) -> Finding {
    Finding {
        column: column.name().to_owned(),
        value: value.chars().take(200).collect(),
        code: code.to_owned(),
        message: String::new(),
        mend: String::new(),
        refuses: false,
    }
}

/// Words of a finding.
pub(super) trait Said {
    /// What and why, and what would mend it.
    fn says(self, message: impl Into<String>, mend: impl Into<String>) -> Self;
    /// Refuses the row.
    fn refuses(self) -> Self;
}

impl Said for Finding {
    fn says(mut self, message: impl Into<String>, mend: impl Into<String>) -> Self {
        self.message = message.into();
        self.mend = mend.into();
        self
    }

    fn refuses(mut self) -> Self {
        self.refuses = true;
        self
    }
}
