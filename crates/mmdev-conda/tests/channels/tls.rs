//! Servers with certificates that only a company trusts.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::{fs, thread};

use mmdev_conda::{Channels, Config, Network, Trust};
use mmdev_core::index::Answer;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::{Form, World, known, problems, scope};

/// What a company has: its own authority, whose certificate is in a file, and a server that this one vouches for.
struct Company {
    world: World,
    port: u16,
}

impl Company {
    fn new() -> Self {
        let world = World::new();
        world.write("main", Form::Whole, &["linux-64 numpy 2.0 h1_0 0"]);
        let mut authority = CertificateParams::new([]).unwrap();
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap());
        let authority = authority.unwrap();
        fs::write(world.served().join("ca.pem"), authority.pem()).unwrap();
        let key = KeyPair::generate().unwrap();
        let names = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = names.signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        // Named, since other crates of the workspace bring another one.
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let behind = world.server.url().replace("http://", "");
        let config = Arc::new(config);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (config, behind) = (Arc::clone(&config), behind.clone());
                // A client that does not trust it goes away.
                thread::spawn(move || answer(client, config, &behind).ok());
            }
        });
        Company { world, port }
    }

    fn channel(&self) -> String {
        format!("https://localhost:{}/main", self.port)
    }

    fn trusting(&self, trust: Trust) -> Channels {
        Channels::new(Config {
            network: Network {
                trust,
                ..Network::default()
            },
            ..self.world.config()
        })
    }
}

/// One request, which the server behind answers in plain text.
fn answer(client: TcpStream, config: Arc<ServerConfig>, behind: &str) -> std::io::Result<()> {
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut client = StreamOwned::new(connection, client);
    let mut request = Vec::new();
    let mut byte = [0];
    while !request.ends_with(b"\r\n\r\n") {
        client.read_exact(&mut byte)?;
        request.push(byte[0]);
    }
    let mut server = TcpStream::connect(behind)?;
    server.write_all(&request)?;
    std::io::copy(&mut server, &mut client)?;
    client.conn.send_close_notify();
    client.flush()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_companys_certificate() {
    let company = Company::new();
    let scope = scope(&[&company.channel()], &["numpy"]);
    let trust = Trust::And(company.world.served().join("ca.pem"));
    let index = known(&company.trusting(trust), &scope).await;
    assert!(matches!(index.candidates("numpy"), Answer::Known(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn no_certificate_that_is_trusted() {
    let company = Company::new();
    let scope = scope(&[&company.channel()], &["numpy"]);
    let problems = problems(&company.trusting(Trust::Machine), &scope).await;
    // Which of the two folders answers first is chance.
    let said = problems[0].to_string().replace("noarch", "linux-64");
    let said = said.replace(&company.port.to_string(), "PORT");
    expect_test::expect!["the channel https://localhost:PORT/main/linux-64/ cannot be read: error sending request for url (https://localhost:PORT/main/linux-64/repodata_shards.msgpack.zst): client error (Connect): invalid peer certificate: UnknownIssuer"].assert_eq(&said);
    // `ssl_verify: false` is a person's own choice.
    known(&company.trusting(Trust::Anybody), &scope).await;
}
