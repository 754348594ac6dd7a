//! Chromium, driven by its own driver. Both end with the test.

use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
    str::FromStr,
    time::Duration,
};

use fantoccini::{Client, ClientBuilder, Locator, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use platform::testing::eventually;
use reqwest::{Method, Url};
use serde_json::{Value, json};

/// What axe is asked for: each rule of WCAG 2.2 AA, and what its makers hold for good practice.
const TAGS: [&str; 7] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"];
/// Asks a page what no command of the driver tells; what it knows is written there.
const PROBE: &str = include_str!("browser/probe.js");
const PATIENCE: Duration = Duration::from_secs(20);

pub(crate) struct Browser {
    driver: Child,
    pub(crate) client: Client,
    /// Address of the house.
    pub(crate) home: String,
}

/// A command of the developer tools, for which the driver has none of its own.
#[derive(Debug)]
struct Devtools(&'static str, Value);

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        base.join(&format!("session/{}/goog/cdp/execute", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "cmd": self.0, "params": self.1 }).to_string()))
    }
}

impl Browser {
    pub(crate) async fn open(home: &str) -> Self {
        Self::with(home, json!({})).await
    }

    /// A browser that runs no script of any page.
    pub(crate) async fn without_scripts(home: &str) -> Self {
        let browser = Self::with(home, json!({ "profile.managed_default_content_settings.javascript": 2 })).await;
        let page = "data:text/html,<p>off</p><script>document.querySelector('p').textContent='on'</script>";
        browser.client.goto(page).await.unwrap();
        assert_eq!(browser.text("p").await, "off", "scripts do not run");
        browser
    }

    async fn with(home: &str, preferences: Value) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .expect("chromedriver is installed: see deploy/install.sh");
        let port = port(driver.stdout.take().unwrap()).await;
        let options = json!({ "prefs": preferences, "args": [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--window-size=1280,1400",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
        ]});
        let capabilities = serde_json::Map::from_iter([("goog:chromeOptions".to_owned(), options)]);
        let client = eventually("the browser opens", async || {
            let mut builder = ClientBuilder::new(HttpConnector::new());
            builder.capabilities(capabilities.clone());
            builder.connect(&format!("http://127.0.0.1:{port}")).await.ok()
        })
        .await;
        Self { driver, client, home: home.to_owned() }
    }

    /// Signs in as a development user, through the page that asks for it.
    pub(crate) async fn sign_in(&self, user: &str) {
        self.goto("/").await;
        self.click(&format!("button[name=user][value={user}]")).await;
        drop(self.text(".whose").await);
    }

    pub(crate) async fn sign_out(&self) {
        self.click(".out button").await;
        drop(self.text("ul.users").await);
    }

    pub(crate) async fn goto(&self, path: &str) {
        self.client.goto(&format!("{}{path}", self.home)).await.unwrap();
    }

    /// Clicks what is there, or will be in a moment.
    pub(crate) async fn click(&self, selector: &str) {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
        found.unwrap_or_else(|error| panic!("{selector}: {error}")).click().await.unwrap();
    }

    pub(crate) async fn text(&self, selector: &str) -> String {
        loop {
            let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(selector)).await;
            match found.unwrap_or_else(|error| panic!("{selector}: {error}")).text().await {
                Ok(text) => return text,
                // A live page put another in its place, for its numbers had changed.
                Err(error) if error.is_stale_element_reference() => {}
                Err(error) => panic!("{selector}: {error}"),
            }
        }
    }

    pub(crate) async fn count(&self, selector: &str) -> usize {
        self.client.find_all(Locator::Css(selector)).await.unwrap().len()
    }

    /// Path and query of the page.
    pub(crate) async fn here(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().trim_start_matches(&self.home).to_owned()
    }

    /// What an expression is in the page.
    pub(crate) async fn value(&self, expression: &str) -> Value {
        self.client.execute(&format!("return {expression}"), Vec::new()).await.unwrap()
    }

    pub(crate) async fn width(&self, width: u32) {
        let metrics = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.tell("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    pub(crate) async fn dark(&self, dark: bool) {
        self.media("screen", dark).await;
        let seen = self.value("matchMedia('(prefers-color-scheme: dark)').matches").await;
        assert_eq!(seen, Value::Bool(dark), "the page sees the ground");
    }

    /// What the page is shown on, for a reader who likes it dark or light and wants nothing to move.
    pub(crate) async fn media(&self, medium: &str, dark: bool) {
        let feature = |name: &str, value: &str| json!({ "name": name, "value": value });
        let ground = feature("prefers-color-scheme", if dark { "dark" } else { "light" });
        let features = [ground, feature("prefers-reduced-motion", "reduce")];
        self.tell("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features })).await;
        let seen = self.value(&format!("matchMedia('{medium}').matches")).await;
        assert_eq!(seen, Value::Bool(true), "the page is shown on {medium}");
    }

    /// A line of 400 kbit/s on which every answer takes 400 ms.
    pub(crate) async fn slow_line(&self) {
        self.tell("Network.enable", json!({})).await;
        let line =
            json!({ "offline": false, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000 });
        self.tell("Network.emulateNetworkConditions", line).await;
    }

    /// Presses a key that has this code, and writes this text.
    pub(crate) async fn press(&self, key: &str, code: u32, text: &str) {
        for way in ["keyDown", "keyUp"] {
            let mut event = json!({ "type": way, "key": key, "code": key, "windowsVirtualKeyCode": code });
            if way == "keyDown" && !text.is_empty() {
                event["text"] = json!(text);
            }
            self.tell("Input.dispatchKeyEvent", event).await;
        }
    }

    /// What the probe says to a question; `/browser/probe.js` has them.
    pub(crate) async fn probe(&self, question: &str) -> Value {
        let script = format!(
            "const done = arguments[arguments.length - 1]; if (!window.probe) {{ {PROBE} }}
             Promise.resolve(window.probe.{question}).then(done);"
        );
        self.client.execute_async(&script, Vec::new()).await.unwrap()
    }

    /// What the probe has against the page.
    pub(crate) async fn found(&self, question: &str) -> Vec<String> {
        serde_json::from_value(self.probe(question).await).unwrap_or_else(|error| panic!("{question}: {error}"))
    }

    async fn tell(&self, command: &'static str, parameters: Value) {
        self.client.issue_cmd(Devtools(command, parameters)).await.unwrap();
    }

    /// What axe has against the page, which holds its script once it was [`Self::bring`] in.
    pub(crate) async fn violations(&self) -> Vec<String> {
        let script = "const [tags, done] = arguments;
            const told = (found) => found.violations.map((rule) =>
              rule.id + ' (' + rule.help + '): ' + rule.nodes.slice(0, 4).map((node) => node.html.slice(0, 200)).join(' | '));
            axe.run(document, { runOnly: tags, resultTypes: ['violations'] })
              .then((found) => done(told(found)), (error) => done([String(error)]));";
        let found = self.client.execute_async(script, vec![json!(TAGS)]).await.unwrap();
        serde_json::from_value(found).unwrap()
    }

    /// Brings a script into the page, past its policy.
    pub(crate) async fn bring(&self, script: &str) {
        self.client.execute(script, Vec::new()).await.unwrap();
    }

    pub(crate) async fn close(self) {
        self.client.clone().close().await.ok();
    }
}

/// Also when the test stops before its end; the driver takes its browser along.
impl Drop for Browser {
    fn drop(&mut self) {
        self.driver.kill().ok();
        self.driver.wait().ok();
    }
}

/// The port that a driver says it was given. What else it says is read to the end: a full pipe would stop it.
async fn port(said: ChildStdout) -> String {
    let (tell, told) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let mut lines = BufReader::new(said).lines().map_while(Result::ok);
        let port =
            lines.find_map(|line| Some(line.split_once("successfully on port ")?.1.trim_end_matches('.').to_owned()));
        tell.send(port).ok();
        lines.for_each(drop);
    });
    told.await.unwrap().expect("chromedriver says on which port it was started")
}

/// The source of axe-core, which `make test` fetches.
#[expect(clippy::disallowed_methods, reason = "where tools lie is said to the scripts of deploy/ in the same way")]
pub(crate) fn axe() -> String {
    let tools = std::env::var("CIRCULA_TOOLS").unwrap_or_else(|_| {
        let home = std::env::var("HOME").unwrap_or_default();
        let cache = std::env::var("XDG_CACHE_HOME").unwrap_or_else(|_| format!("{home}/.cache"));
        format!("{cache}/circula/tools")
    });
    let path = format!("{tools}/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}; deploy/install.sh test fetches it"))
}
