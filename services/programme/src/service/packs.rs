//! Rule packs: published once, in force from their date on.

use platform::{Begun, Error, Principal, Refused};
use proto::{
    Role,
    programme::{
        GetRulePackInForceRequest, PublishRulePackRequest, RulePack, RulePackEvent, RulePackPublished,
        programme_event::Aggregate, rule_pack_event,
    },
};

use super::Service;
use crate::{check, refusal, rule_pack, store};

impl Service {
    /// Publishes a pack. The same pack again changes nothing and answers with the one that is there.
    pub(crate) async fn publish_rule_pack(
        &self,
        who: &Principal,
        request: PublishRulePackRequest,
    ) -> Result<RulePack, Error> {
        who.needs(&[Role::Operator])?;
        let (asked, valid_from) = rule_pack::read(request.pack.as_ref())?;
        let mut command = match self.begin(who, "PublishRulePack", &request.request_id, &request).await? {
            Begun::Answered(answer) => return Ok(answer),
            Begun::New(command) => command,
        };
        if !store::insert_pack(command.tx(), &asked, valid_from).await? {
            let there = store::pack(command.tx(), &asked.id).await?;
            return match there {
                Some(there) if rule_pack::same(&there, &asked) => command.finish(there).await,
                _ => Err(refusal::pack_published(&asked.id).into()),
            };
        }
        let change = Aggregate::RulePack(RulePackEvent {
            state: Some(asked.clone()),
            change: Some(rule_pack_event::Change::Published(RulePackPublished {})),
        });
        self.finish(command, change, asked).await
    }

    /// The latest pack of a code that starts on or before a date.
    pub(crate) async fn get_rule_pack_in_force(
        &self,
        who: &Principal,
        request: GetRulePackInForceRequest,
    ) -> Result<RulePack, Error> {
        let on = check::date("on", &request.on)?;
        let mut tx = self.database.begin(who.reach()).await?;
        let found = store::pack_in_force(&mut tx, &request.code, on).await?;
        found.ok_or_else(|| Refused::not_found("rule pack in force", format!("{} on {on}", request.code)).into())
    }
}
