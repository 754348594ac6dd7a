//! The people of a season that an earlier run of the demo began.

use indicatif::ProgressBar;
use proto::placement::ListPlacementsRequest;

use super::World;
use crate::{client::refusal, demo::person::Person, output::number};

impl World<'_> {
    /// Finds everybody again who ever had a seat, with the lots they had: in the order in which they were met, as far as
    /// dates tell it.
    ///
    /// # Errors
    /// If the service does not answer, or a date does not read.
    pub(super) async fn restore(&mut self, progress: &ProgressBar) -> anyhow::Result<()> {
        let mut placement = self.session("operator")?.placement();
        let (mut met, mut page_token) = (Vec::new(), String::new());
        loop {
            progress.set_message(format!("who was met before: {}", number(i64::try_from(met.len())?)));
            let request = ListPlacementsRequest {
                page_size: 1000,
                page_token,
                season_code: self.season.to_owned(),
                ..ListPlacementsRequest::default()
            };
            let page = placement.list_placements(request).await.map_err(|status| refusal(&status))?.into_inner();
            for one in page.placements {
                if let Some(person) = Person::as_known(&one, String::new(), self.seed)? {
                    met.push((super::met(&one).map(str::to_owned), one.candidate_id, person));
                }
            }
            if page.next_page_token.is_empty() {
                break;
            }
            page_token = page.next_page_token;
        }
        met.sort_by(|one, other| one.0.cmp(&other.0));
        for (_, candidate_id, mut person) in met {
            person.lot = self.lot(&candidate_id)?;
            self.people.insert(person.id.clone(), person);
        }
        Ok(())
    }
}
