//! The system as a whole.
