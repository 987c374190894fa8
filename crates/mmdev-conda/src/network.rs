//! How servers are reached: time-outs, proxies, certificates, mirrors, and what each request and answer goes through.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream::{BoxStream, Stream, StreamExt, try_unfold};
use http::header::{
    ACCEPT, CONTENT_LENGTH, CONTENT_RANGE, ETAG, HeaderMap, HeaderValue, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, IF_RANGE, LAST_MODIFIED, RANGE,
};
use http::{Extensions, StatusCode};
use rattler_networking::{LazyClient, MirrorMiddleware};
use reqwest::{Certificate, NoProxy, Proxy, Request, Response, ResponseBuilderExt};
use reqwest_middleware::{Middleware, Next};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::address::{self, ChannelNames};
use crate::error::{reason, shown};
use crate::login::{Keys, Logins};

/// The slowest that a server may send, in bytes a second: as mamba has it.
const SLOWEST: f64 = 30.0;

/// The waits before a request is sent again after a failure that may pass.
const WAITS: [Duration; 3] = [
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(3),
];

/// How often a body is gone on with that broke off.
const RESUMPTIONS: u32 = 5;

/// The largest file that is downloaded whole, in bytes: uv has about 25 MB.
const LARGEST: usize = 200 << 20;

/// How long such a file may take, with a slow line in mind.
const LONGEST: Duration = Duration::from_secs(15 * 60);

/// How servers are reached.
#[derive(Clone, PartialEq, Eq)]
pub struct Network {
    /// How long a server may take to let itself be reached.
    pub connecting: Duration,
    /// How long a server may send nothing, or next to nothing. A whole list may take longer, as long as it comes.
    pub silence: Duration,
    /// Which servers are believed to be who they say.
    pub trust: Trust,
    /// The proxy by scheme, `http` and `https`, or `all` for what has none of its own. Where there are none, those of
    /// the environment count (`HTTPS_PROXY` …).
    pub proxies: BTreeMap<String, String>,
    /// Where a channel is read from instead, by its name or URL; what is said and recorded is the channel itself.
    pub mirrors: BTreeMap<String, Vec<String>>,
    /// Where credentials are looked for that stand in no URL.
    pub logins: Logins,
}

/// Which servers are believed to be who they say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Trust {
    /// Those with certificates that the machine trusts.
    #[default]
    Machine,
    /// Those, and those of the certificates in this PEM file.
    And(PathBuf),
    /// All.
    Anybody,
}

impl Default for Network {
    fn default() -> Self {
        Network {
            connecting: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            trust: Trust::Machine,
            proxies: BTreeMap::new(),
            mirrors: BTreeMap::new(),
            logins: Logins::default(),
        }
    }
}

impl fmt::Debug for Network {
    /// Without the URLs, which may hold credentials.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Network").finish_non_exhaustive()
    }
}

impl Network {
    /// A client without credentials and mirrors.
    ///
    /// # Errors
    /// What cannot be used of these settings, without a credential.
    pub(crate) fn plain_client(&self) -> Result<reqwest::Client, String> {
        let mut certificates = Vec::new();
        if let Trust::And(path) = &self.trust {
            let wrong = |reason: &str| {
                format!(
                    "the certificates in {} cannot be used: {reason}",
                    path.display()
                )
            };
            let pem = std::fs::read(path).map_err(|error| wrong(&error.to_string()))?;
            certificates =
                Certificate::from_pem_bundle(&pem).map_err(|error| wrong(&error.to_string()))?;
            if certificates.is_empty() {
                return Err(wrong("there is none in it"));
            }
        }
        let mut proxies = Vec::new();
        // The first that is for a request is taken.
        for scheme in ["http", "https", "all"] {
            let Some(proxy) = self.proxies.get(scheme) else {
                continue;
            };
            let proxy = match scheme {
                "http" => Proxy::http(proxy),
                "https" => Proxy::https(proxy),
                _ => Proxy::all(proxy),
            };
            let proxy = proxy.map_err(|_| format!("the {scheme} proxy is no URL"))?;
            proxies.push(proxy.no_proxy(NoProxy::from_env()));
        }
        let builder = || {
            let builder = reqwest::Client::builder()
                .user_agent(concat!("mmdev/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(self.connecting)
                .read_timeout(self.silence)
                // A token may stand in the URL that it would name.
                .referer(false)
                .tls_danger_accept_invalid_certs(self.trust == Trust::Anybody);
            let builder = proxies
                .iter()
                .cloned()
                .fold(builder, |b, proxy| b.proxy(proxy));
            match certificates.is_empty() {
                true => builder,
                false => builder.tls_certs_merge(certificates.iter().cloned()),
            }
        };
        builder()
            .build()
            // A slim container may have no certificates at all; plain http works there all the same.
            .or_else(|_| builder().tls_certs_only(certificates.clone()).build())
            .map_err(|error| reason(&error))
    }

    /// The file at `url`, which is no channel's, in the format `accept`, a media type. No credentials go with it.
    ///
    /// # Errors
    /// Why it cannot be had, without a credential.
    pub async fn download(&self, url: &str, accept: &str) -> Result<Vec<u8>, String> {
        let client = reqwest_middleware::ClientBuilder::new(self.plain_client()?);
        let request = client
            .with(Patience)
            .build()
            .get(url)
            .header(ACCEPT, accept);
        let file = async {
            let mut response = request.send().await.map_err(|error| reason(&error))?;
            if !response.status().is_success() {
                return Err(format!("the server says {}", response.status()));
            }
            let mut bytes = Vec::new();
            while let Some(chunk) = response.chunk().await.map_err(|error| reason(&error))? {
                if bytes.len() + chunk.len() > LARGEST {
                    return Err(format!("it is longer than {} MiB", LARGEST >> 20));
                }
                bytes.extend_from_slice(&chunk);
            }
            Ok(bytes)
        };
        let late = || format!("it did not come within {} minutes", LONGEST.as_secs() / 60);
        timeout(LONGEST, file).await.unwrap_or_else(|_| Err(late()))
    }

    /// A client that signs its requests with the keys that come with it.
    ///
    /// # Errors
    /// What cannot be used of these settings, without a credential.
    pub(crate) fn client(&self, names: &ChannelNames) -> Result<(LazyClient, Arc<Keys>), String> {
        let client = self.plain_client()?;
        let keys = Arc::new(Keys::read(&self.logins, client.clone())?);
        let mirrors = self.mirrors(names, &keys)?;
        let plain = client.clone();
        let mut builder = reqwest_middleware::ClientBuilder::new(client).with(Patience);
        if !mirrors.is_empty() {
            builder = builder.with(MirrorMiddleware::from_map(mirrors));
        }
        let client = builder
            .with(Courier {
                keys: Arc::clone(&keys),
                client: plain,
                silence: self.silence,
            })
            .build();
        Ok((LazyClient::from(client), keys))
    }

    fn mirrors(
        &self,
        names: &ChannelNames,
        keys: &Keys,
    ) -> Result<HashMap<Url, Vec<rattler_networking::mirror_middleware::Mirror>>, String> {
        let mut mirrors = HashMap::new();
        for (channel, urls) in &self.mirrors {
            let addresses =
                |text: &str| address::resolve(text, &[], names).map_err(|error| error.to_string());
            // What mmdev cannot read (oci) is left to the others of the list.
            let urls = urls.iter().filter_map(|url| addresses(url).ok()).flatten();
            let of_channel: Vec<_> = urls
                .map(|mirror| {
                    keys.admit(&mirror);
                    rattler_networking::mirror_middleware::Mirror {
                        url: mirror.channel.into(),
                        no_zstd: false,
                        no_bz2: false,
                        max_failures: None,
                    }
                })
                .collect();
            for address in addresses(channel)? {
                if !of_channel.is_empty() {
                    mirrors.insert(address.channel.into(), of_channel.clone());
                }
            }
        }
        Ok(mirrors)
    }
}

/// Sends a request again where that may help, to another mirror if there is one.
struct Patience;

#[async_trait]
impl Middleware for Patience {
    async fn handle(
        &self,
        request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        for wait in WAITS {
            // What mmdev asks for has no body that could not be sent twice.
            let Some(copy) = request.try_clone() else {
                break;
            };
            match next.clone().run(copy, extensions).await {
                Ok(answer) if may_pass(answer.status()) => {}
                Err(reqwest_middleware::Error::Reqwest(error))
                    if !error.is_timeout() && !error.is_builder() && !error.is_redirect() => {}
                answer => return answer,
            }
            sleep(wait).await;
        }
        next.run(request, extensions).await
    }
}

/// What each request and answer goes through: the request gets its credentials; a body that breaks off is gone on with;
/// and neither the answer nor an error names the URL that the credentials stand in, or the one that a redirect led to.
struct Courier {
    keys: Arc<Keys>,
    client: reqwest::Client,
    silence: Duration,
}

#[async_trait]
impl Middleware for Courier {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let asked = request.url().clone();
        let sent = [(IF_NONE_MATCH, ETAG), (IF_MODIFIED_SINCE, LAST_MODIFIED)]
            .map(|(ask, answer)| (answer, request.headers().get(ask).cloned()));
        self.keys.sign(&mut request).await;
        let again = request.try_clone();
        let answer = next.run(request, extensions).await;
        let mut response = answer.map_err(|error| match error {
            reqwest_middleware::Error::Reqwest(error) => error.with_url(asked.clone()).into(),
            other => other,
        })?;
        let mut headers = std::mem::take(response.headers_mut());
        if response.status() == StatusCode::NOT_MODIFIED {
            if sent.iter().all(|(_, value)| value.is_none()) {
                return Err(reqwest_middleware::Error::middleware(
                    std::io::Error::other(format!(
                        "{} is said to be unchanged (304) since a time that nobody named",
                        shown(&asked)
                    )),
                ));
            }
            // What has not changed is what was asked about, whether or not the server repeats it.
            if !sent.iter().any(|(name, _)| headers.contains_key(name)) {
                let sent = sent.into_iter();
                headers.extend(sent.filter_map(|(name, value)| Some((name, value?))));
            }
        }
        let rest = again.and_then(|request| Rest::of(response.status(), &headers, request));
        let mut rebuilt = http::Response::builder()
            .status(response.status())
            .version(response.version())
            .url(asked);
        if let Some(empty) = rebuilt.headers_mut() {
            *empty = headers;
        }
        let watched = watched(Body {
            stream: response.bytes_stream().boxed(),
            window: self.silence,
            waited: Duration::ZERO,
            came_in_window: 0,
            came: 0,
            rest,
            client: self.client.clone(),
            resumptions: RESUMPTIONS,
        });
        let rebuilt = rebuilt
            .body(reqwest::Body::wrap_stream(watched))
            .map_err(reqwest_middleware::Error::middleware)?;
        Ok(rebuilt.into())
    }
}

/// Whether a server that says so may do better a moment later.
fn may_pass(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS
        )
}

/// How the rest of a body is asked for that broke off (RFC 9110, section 14).
struct Rest {
    request: Request,
    length: u64,
}

impl Rest {
    /// `None` where the answer does not say what it is a version of, or how long it is, which it does not either where
    /// it was compressed on the way.
    fn of(status: StatusCode, headers: &HeaderMap, mut request: Request) -> Option<Self> {
        let length = headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()?;
        let tag = headers.get(ETAG)?;
        let is_weak = tag.as_bytes().starts_with(b"W/");
        request.headers_mut().insert(IF_RANGE, tag.clone());
        request.headers_mut().remove(IF_NONE_MATCH);
        request.headers_mut().remove(IF_MODIFIED_SINCE);
        (status == StatusCode::OK && !is_weak).then_some(Rest { request, length })
    }

    /// What comes after the first `came` bytes.
    async fn ask(
        &self,
        client: &reqwest::Client,
        came: u64,
    ) -> Option<BoxStream<'static, reqwest::Result<Bytes>>> {
        let mut request = self.request.try_clone()?;
        let range = HeaderValue::try_from(format!("bytes={came}-")).ok()?;
        request.headers_mut().insert(RANGE, range);
        let answer = client.execute(request).await.ok()?;
        let range = answer.headers().get(CONTENT_RANGE)?.to_str().ok()?;
        let begins_there = range.starts_with(&format!("bytes {came}-"));
        let is_it = answer.status() == StatusCode::PARTIAL_CONTENT
            && begins_there
            && answer.headers().contains_key(CONTENT_LENGTH);
        is_it.then(|| answer.bytes_stream().boxed())
    }
}

/// A body on its way.
struct Body {
    stream: BoxStream<'static, reqwest::Result<Bytes>>,
    /// In so much time of waiting, something has to come.
    window: Duration,
    waited: Duration,
    came_in_window: u64,
    came: u64,
    rest: Option<Rest>,
    client: reqwest::Client,
    resumptions: u32,
}

/// The bytes of a body. It fails where next to nothing comes, and goes on where it breaks off.
fn watched(
    body: Body,
) -> impl Stream<Item = Result<Bytes, Box<dyn std::error::Error + Send + Sync>>> {
    try_unfold(body, |mut it| async move {
        loop {
            let before = Instant::now();
            let next = timeout(it.window.saturating_sub(it.waited), it.stream.next()).await;
            it.waited += before.elapsed();
            match next {
                Ok(Some(Ok(chunk))) => {
                    it.came += chunk.len() as u64;
                    it.came_in_window += chunk.len() as u64;
                    return Ok(Some((chunk, it)));
                }
                Ok(None) => return Ok(None),
                Ok(Some(Err(error))) => {
                    let rest = it.rest.as_ref().filter(|rest| it.came < rest.length);
                    let stream = match rest.filter(|_| it.resumptions > 0) {
                        Some(rest) => rest.ask(&it.client, it.came).await,
                        None => None,
                    };
                    let Some(stream) = stream else {
                        // The URL may hold a credential, or be where a redirect led.
                        return Err(error.without_url().into());
                    };
                    it.stream = stream;
                    it.resumptions -= 1;
                }
                Err(_) if it.came_in_window >= (SLOWEST * it.window.as_secs_f64()) as u64 => {
                    it.waited = Duration::ZERO;
                    it.came_in_window = 0;
                }
                Err(_) => {
                    let seconds = it.window.as_secs_f64();
                    let what = format!("the server sent next to nothing for {seconds} s");
                    return Err(std::io::Error::new(std::io::ErrorKind::TimedOut, what).into());
                }
            }
        }
    })
}
