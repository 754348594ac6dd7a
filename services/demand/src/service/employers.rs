use platform::{Begun, Error, Principal, Refused, outbox, page};
use proto::{
    demand::{Employer, ListEmployersRequest, ListEmployersResponse, RegisterEmployerRequest},
    ids::EmployerId,
};
use tonic::Code;

use super::Service;
use crate::{
    message,
    store::{self, employer::EmployerRow},
};

impl Service {
    /// Registers an employer of the caller's organisation. The same reference with the same facts is answered with the
    /// employer that is there.
    pub(crate) async fn register_employer(
        &self,
        principal: &Principal,
        request: &RegisterEmployerRequest,
    ) -> Result<Employer, Error> {
        let mut command = match self.begin(principal, ("RegisterEmployer", &request.request_id), request).await? {
            Begun::Answered(employer) => return Ok(employer),
            Begun::New(command) => command,
        };
        let row = EmployerRow {
            id: EmployerId(self.clock.id()),
            organisation_id: principal.organisation_id,
            name: request.name.trim().to_owned(),
            country: request.country.clone(),
            region: request.region.trim().to_owned(),
            city: request.city.trim().to_owned(),
            reference: request.reference.trim().to_owned(),
            accreditation: store::employer::ACCREDITED.to_owned(),
            version: 1,
        };
        let inserted = store::employer::insert(command.tx(), std::slice::from_ref(&row)).await?;
        if inserted.is_empty() {
            let there = store::employer::by_reference(
                command.tx(),
                principal.organisation_id,
                std::slice::from_ref(&row.reference),
            )
            .await?;
            let there = there.into_iter().next().ok_or_else(|| Error::Internal("an employer went away".to_owned()))?;
            return command.finish(same(&there, &row)?.message()).await;
        }
        outbox::append(command.tx(), &self.clock, &[message::registered(row.message())]).await?;
        command.finish(row.message()).await
    }

    /// A page of the employers in reach, newest first.
    pub(crate) async fn list_employers(
        &self,
        principal: &Principal,
        request: &ListEmployersRequest,
    ) -> Result<ListEmployersResponse, Error> {
        let (size, after) = (page::size(request.page_size)?, page::after("employers", &request.page_token)?);
        let mut tx = self.database.begin(principal.reach()).await?;
        let mut rows = store::employer::list(&mut tx, after.parse().ok(), size + 1).await?;
        let more = super::orders::cut(&mut rows, size);
        let next_page_token = match rows.last() {
            Some(last) if more => page::token("employers", &last.id.to_string()),
            _ => String::new(),
        };
        Ok(ListEmployersResponse { employers: rows.iter().map(EmployerRow::message).collect(), next_page_token })
    }
}

fn same<'r>(there: &'r EmployerRow, sent: &EmployerRow) -> Result<&'r EmployerRow, Refused> {
    let facts = |row: &EmployerRow| [row.name.clone(), row.country.clone(), row.region.clone(), row.city.clone()];
    if facts(there) == facts(sent) {
        return Ok(there);
    }
    let message = format!("the reference {:?} is another employer's: {}", there.reference, there.name);
    Err(Refused::new(Code::AlreadyExists, "EMPLOYER_REFERENCE_TAKEN", message)
        .at("reference")
        .with("reference", &there.reference)
        .with("name", &there.name)
        .mend("use another reference, or the employer that is registered"))
}
