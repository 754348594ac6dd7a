//! The use cases: one function, one transaction. Organisations, corridors and seasons here, the rest beside.

mod lists;
mod packs;
mod quotas;
mod tally;

use platform::{Begun, Clock, Command, Database, Error, Principal, Refused, command, outbox};
use prost::Message;
use proto::{
    Role,
    ids::OrganisationId,
    programme::{
        Corridor, CorridorEvent, CorridorOpened, OpenCorridorRequest, Organisation, OrganisationEvent,
        OrganisationRegistered, PlanSeasonRequest, ProgrammeEvent, RegisterOrganisationRequest, Season, SeasonEvent,
        SeasonPlanned, corridor_event, organisation_event, programme_event::Aggregate, season_event,
    },
};

use crate::{check, corridor, organisation, refusal, season, store};

/// What the service can do.
#[derive(Clone)]
pub(crate) struct Service {
    database: Database,
    clock: Clock,
}

impl Service {
    pub(crate) fn new(database: Database, clock: Clock) -> Self {
        Self { database, clock }
    }

    /// Begins a command of an operator.
    async fn begin<Q: Message, R: Message + Default>(
        &self,
        who: &Principal,
        method: &str,
        request_id: &str,
        request: &Q,
    ) -> Result<Begun<R>, Error> {
        command::begin(&self.database, (who.reach(), who.organisation_id), method, request_id, request).await
    }

    /// Writes the event of a change and stores the answer.
    async fn finish<R: Message>(&self, mut command: Command, change: Aggregate, answer: R) -> Result<R, Error> {
        let event = ProgrammeEvent { aggregate: Some(change) };
        outbox::append(command.tx(), &self.clock, &[event]).await?;
        command.finish(answer).await
    }

    /// Registers an organisation under a code.
    pub(crate) async fn register_organisation(
        &self,
        who: &Principal,
        request: RegisterOrganisationRequest,
    ) -> Result<Organisation, Error> {
        who.needs(&[Role::Operator])?;
        let asked = organisation::read(&request, OrganisationId(self.clock.id()))?;
        let mut command = match self.begin(who, "RegisterOrganisation", &request.request_id, &request).await? {
            Begun::Answered(answer) => return Ok(answer),
            Begun::New(command) => command,
        };
        let id = check::id("organisation_id", &asked.id)?;
        if !store::insert_organisation(command.tx(), id, &asked).await? {
            let there = store::organisation_by_code_or_id(command.tx(), &asked.code, id).await?;
            let same = organisation::same(&there, &asked, !request.organisation_id.is_empty());
            return Err(refusal::exists("organisation", &there.id, same).into());
        }
        let change = Aggregate::Organisation(OrganisationEvent {
            state: Some(asked.clone()),
            change: Some(organisation_event::Change::Registered(OrganisationRegistered {})),
        });
        self.finish(command, change, asked).await
    }

    /// Opens a corridor whose candidates a ministry of the origin registers.
    pub(crate) async fn open_corridor(&self, who: &Principal, request: OpenCorridorRequest) -> Result<Corridor, Error> {
        who.needs(&[Role::Operator])?;
        let asked = corridor::read(&request)?;
        let ministry_id = check::id("ministry_id", &asked.ministry_id)?;
        let mut command = match self.begin(who, "OpenCorridor", &request.request_id, &request).await? {
            Begun::Answered(answer) => return Ok(answer),
            Begun::New(command) => command,
        };
        corridor::check_ministry(&asked, store::organisation(command.tx(), ministry_id).await?.as_ref())?;
        if !store::insert_corridor(command.tx(), ministry_id, &asked).await? {
            let there = store::corridor(command.tx(), &asked.code).await?;
            return Err(refusal::exists("corridor", &asked.code, there.as_ref() == Some(&asked)).into());
        }
        let change = Aggregate::Corridor(CorridorEvent {
            state: Some(asked.clone()),
            change: Some(corridor_event::Change::Opened(CorridorOpened {})),
        });
        self.finish(command, change, asked).await
    }

    /// The corridor of a code.
    pub(crate) async fn get_corridor(
        &self,
        who: &Principal,
        request: proto::programme::GetCorridorRequest,
    ) -> Result<Corridor, Error> {
        let mut tx = self.database.begin(who.reach()).await?;
        let found = store::corridor(&mut tx, &request.code).await?;
        found.ok_or_else(|| Refused::not_found("corridor", &request.code).into())
    }

    /// Plans a season.
    pub(crate) async fn plan_season(&self, who: &Principal, request: PlanSeasonRequest) -> Result<Season, Error> {
        who.needs(&[Role::Operator])?;
        let (asked, starts_on, ends_on) = season::read(&request)?;
        let mut command = match self.begin(who, "PlanSeason", &request.request_id, &request).await? {
            Begun::Answered(answer) => return Ok(answer),
            Begun::New(command) => command,
        };
        if !store::insert_season(command.tx(), &asked.code, starts_on, ends_on).await? {
            let there = store::season(command.tx(), &asked.code).await?;
            return Err(refusal::exists("season", &asked.code, there.as_ref() == Some(&asked)).into());
        }
        let change = Aggregate::Season(SeasonEvent {
            state: Some(asked.clone()),
            change: Some(season_event::Change::Planned(SeasonPlanned {})),
        });
        self.finish(command, change, asked).await
    }
}
