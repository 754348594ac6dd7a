use proto::placement::{OpenLinesRequest, OpenLinesResponse};

use crate::{
    args::{ClientArgs, Lines},
    client::{Session, refusal, request_id, today},
    output::{Output, number, spinner},
};

/// Opens lines for placements.
pub(crate) async fn run(client: &ClientArgs, output: &Output, what: Lines) -> anyhow::Result<()> {
    let Lines::Open { season, destination, on } = what;
    let mut service = Session::open(client).await?.placement();
    let request = OpenLinesRequest {
        season_code: season,
        destination,
        occurred_on: on.unwrap_or_else(today).to_string(),
        request_id: String::new(),
    };
    let progress = spinner("opening lines");
    let mut opened = 0;
    loop {
        let request = OpenLinesRequest { request_id: request_id(), ..request.clone() };
        let answer = service.open_lines(request).await.map_err(|status| refusal(&status))?.into_inner();
        opened += answer.opened;
        progress.set_message(format!("opening lines: {}", number(i64::from(opened))));
        if !answer.more {
            break;
        }
    }
    progress.finish_and_clear();
    if output.json {
        return output.json("circula.placement.v1.OpenLinesResponse", &OpenLinesResponse { opened, more: false });
    }
    let OpenLinesRequest { season_code, destination, .. } = request;
    println!("{} lines to {destination} opened for season {season_code}.", number(i64::from(opened)));
    Ok(())
}
