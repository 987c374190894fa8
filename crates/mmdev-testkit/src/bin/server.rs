//! Serves a folder to this machine and to its containers until standard input
//! ends, so that it stops with whoever started it, however that ended.

use std::io::Read;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use mmdev_testkit::{HttpServer, bridge_address};

#[allow(clippy::print_stdout, clippy::print_stderr)]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(folder), Some(Ok(port))) = (
        arguments.next().map(PathBuf::from),
        arguments.next().map(|port| port.parse::<u16>()),
    ) else {
        eprintln!("usage: mmdev-test-server FOLDER PORT");
        return ExitCode::from(2);
    };
    match serve(&folder, port) {
        Ok(servers) => {
            // The last URL is the one that containers reach too.
            if let Some(server) = servers.last() {
                println!("serving {}", server.url());
            }
            let mut ignored = Vec::new();
            let _ = std::io::stdin().read_to_end(&mut ignored);
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::from(3)
        }
    }
}

fn serve(folder: &Path, port: u16) -> Result<Vec<HttpServer>, String> {
    [Ipv4Addr::LOCALHOST, bridge_address()?]
        .map(|address| {
            HttpServer::bind(folder, IpAddr::from(address), port)
                .map_err(|error| format!("cannot serve on {address}:{port}: {error}"))
        })
        .into_iter()
        .collect()
}
