use proto::operation::{
    DiscardParkedEventRequest, ListParkedKeysRequest, ListParkedKeysResponse, ParkedKey, ReplayParkedKeyRequest,
};

use crate::{
    args::{ClientArgs, Parked},
    client::{Session, refusal, request_id},
    house::SERVICES,
    output::{Output, number, table},
};

/// Keys asked for at once.
const SIZE: i32 = 1000;

/// Shows parked events, applies them again, or gives one up.
pub(crate) async fn run(client: &ClientArgs, output: &Output, what: Parked) -> anyhow::Result<()> {
    let session = Session::open(client).await?;
    match what {
        Parked::List => list(&session, output).await,
        Parked::Replay { consumer, key } => replay(&session, output, consumer, key).await,
        Parked::Discard { consumer, key, reason } => discard(&session, output, (consumer, key), reason).await,
    }
}

/// The service that a consumer belongs to: `matching` of `matching-demand`.
fn service(consumer: &str) -> String {
    consumer.split('-').next().unwrap_or_default().to_owned()
}

async fn list(session: &Session, output: &Output) -> anyhow::Result<()> {
    let (mut parked_keys, mut total_events) = (Vec::new(), 0);
    for service in SERVICES {
        let told = of_service(session, service).await?;
        total_events += told.total_events;
        parked_keys.extend(told.parked_keys);
    }
    if output.json {
        let all = ListParkedKeysResponse { parked_keys, total_events, next_page_token: String::new() };
        return output.json("circula.operation.v1.ListParkedKeysResponse", &all);
    }
    if parked_keys.is_empty() {
        println!("Nothing is parked.");
        return Ok(());
    }
    let row = |key: &ParkedKey| {
        let place = format!("{} {}/{}", key.topic, key.partition, key.offset);
        vec![
            key.consumer.clone(),
            key.key.clone(),
            number(key.events),
            key.parked_at.clone(),
            place,
            key.reason.clone(),
        ]
    };
    let head = ["Consumer", "Key", "Events", "Parked at", "First one", "Why"];
    println!("{}", table(&head, parked_keys.iter().map(row).collect(), false));
    println!("{} events wait behind {} keys.", number(total_events), parked_keys.len());
    Ok(())
}

/// All keys of one service.
async fn of_service(session: &Session, service: &str) -> anyhow::Result<ListParkedKeysResponse> {
    let mut all = ListParkedKeysResponse::default();
    loop {
        let page_token = std::mem::take(&mut all.next_page_token);
        let request = ListParkedKeysRequest { service: service.to_owned(), page_size: SIZE, page_token };
        let told = session.operation(service)?.list_parked_keys(request).await;
        let told = told.map_err(|status| refusal(&status).context(service.to_owned()))?.into_inner();
        all.parked_keys.extend(told.parked_keys);
        (all.total_events, all.next_page_token) = (told.total_events, told.next_page_token);
        if all.next_page_token.is_empty() {
            return Ok(all);
        }
    }
}

async fn replay(session: &Session, output: &Output, consumer: String, key: String) -> anyhow::Result<()> {
    let service = service(&consumer);
    let request = ReplayParkedKeyRequest { service: service.clone(), consumer, key, request_id: request_id() };
    let told = session.operation(&service)?.replay_parked_key(request).await;
    let told = told.map_err(|status| refusal(&status))?.into_inner();
    if output.json {
        output.json("circula.operation.v1.ReplayParkedKeyResponse", &told)?;
    } else {
        println!("{} events were applied.", number(told.replayed));
        if told.passed_over > 0 {
            println!(
                "{} events of a life that a restore ended were dropped: what their owner still has comes again.",
                number(told.passed_over)
            );
        }
    }
    if told.remaining > 0 {
        anyhow::bail!(
            "{} events still wait: {}\n  What mends it: mend the cause, or discard the first one for a reason, and replay again",
            number(told.remaining),
            told.reason
        );
    }
    Ok(())
}

async fn discard(
    session: &Session,
    output: &Output,
    (consumer, key): (String, String),
    reason: String,
) -> anyhow::Result<()> {
    let service = service(&consumer);
    let request =
        DiscardParkedEventRequest { service: service.clone(), consumer, key, reason, request_id: request_id() };
    let told = session.operation(&service)?.discard_parked_event(request).await;
    let told = told.map_err(|status| refusal(&status))?.into_inner();
    if output.json {
        return output.json("circula.operation.v1.DiscardParkedEventResponse", &told);
    }
    println!("The event is given up. {} still wait behind it; replay them.", number(told.remaining));
    Ok(())
}
