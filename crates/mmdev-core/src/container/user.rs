//! Who the remote user is, and whether that user's ids are changed to those of the host's user.
//!
//! The rules are those of the devcontainer CLI's updateRemoteUserUID. Where the CLI passes over a case in silence, and
//! the user then cannot write the workspace, the decision is [`Decision::Loud`].

use super::config::DevContainer;
use super::identity::HostSystem;

/// The remote user, as a name or a number, and the group when one was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteUser {
    /// The name or the number.
    pub name: String,
    /// What stands behind the colon.
    pub group: Option<String>,
}

impl RemoteUser {
    /// Whether it is the container's root.
    pub fn is_root(&self) -> bool {
        self.name == "root" || self.name.parse() == Ok(0_u32)
    }
}

/// The remote user: `remoteUser`, else `-u` of runArgs, else `containerUser`, else the image's USER, else root.
pub fn remote_user(config: &DevContainer, image_user: &str) -> RemoteUser {
    let run_user = super::run_args::parse(&config.run_args).user;
    let text = [
        config.remote_user.as_deref(),
        run_user.as_deref(),
        config.container_user.as_deref(),
        Some(image_user),
    ]
    .into_iter()
    .flatten()
    .find(|user| !user.is_empty())
    .unwrap_or("root");
    let (name, group) = match text.split_once(':') {
        Some((name, group)) => (name, Some(group.to_owned())),
        None => (text, None),
    };
    let name = if name.is_empty() { "root" } else { name };
    RemoteUser {
        name: name.to_owned(),
        group,
    }
}

/// One line of /etc/passwd.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The login name.
    pub name: String,
    /// The user id.
    pub uid: u32,
    /// The id of the primary group.
    pub gid: u32,
    /// The home.
    pub home: String,
    /// The login shell.
    pub shell: String,
}

/// The accounts of a passwd file; lines that are none are left out.
pub fn accounts(passwd: &str) -> Vec<Account> {
    passwd.lines().filter_map(account).collect()
}

fn account(line: &str) -> Option<Account> {
    let fields: Vec<&str> = line.split(':').collect();
    let [name, _, uid, gid, _, home, shell] = fields[..] else {
        return None;
    };
    Some(Account {
        name: name.to_owned(),
        uid: uid.parse().ok()?,
        gid: gid.parse().ok()?,
        home: home.to_owned(),
        shell: shell.to_owned(),
    })
}

/// The account of a user given by name or by number.
pub fn find_account(passwd: &str, user: &str) -> Option<Account> {
    let all = accounts(passwd);
    let by_name = all.iter().find(|account| account.name == user);
    by_name
        .or_else(|| {
            let uid: u32 = user.parse().ok()?;
            all.iter().find(|account| account.uid == uid)
        })
        .cloned()
}

/// The host's side of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Host {
    /// The system that runs mmdev.
    pub system: HostSystem,
    /// The user's id.
    pub uid: u32,
    /// The user's primary group.
    pub gid: u32,
    /// Whether the engine runs without root and the container's root is the host's user. Not so for Podman, where the
    /// plan keeps the ids (`--userns=keep-id`).
    pub rootless: bool,
}

/// The image's side of the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImageAccounts<'a> {
    /// The text of /etc/passwd.
    pub passwd: &'a str,
    /// The text of /etc/group.
    pub group: &'a str,
}

/// What happens to the remote user's ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// They change, in a small layer of its own.
    Remap(Remap),
    /// They are right, or it was not asked for: the reason.
    Nothing(String),
    /// They are wrong and cannot be changed: the user has to be told.
    Loud {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
}

/// New ids for one user of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remap {
    /// The user.
    pub user: String,
    /// The new user id.
    pub uid: u32,
    /// The new primary group; the old one where the host's is another group's in the image.
    pub gid: u32,
    /// The home that will belong to the new ids; none where it is no folder of the user's own.
    pub home: Option<String>,
    /// The new /etc/passwd.
    pub passwd: String,
    /// The new /etc/group.
    pub group: String,
    /// What the user should know all the same.
    pub note: Option<String>,
}

/// Decides what happens to the ids of `user`. `update` is `updateRemoteUserUID`, which is true when not given.
pub fn decide(
    update: Option<bool>,
    user: &RemoteUser,
    host: Host,
    image: ImageAccounts<'_>,
) -> Decision {
    if update == Some(false) {
        return Decision::Nothing("updateRemoteUserUID is false".to_owned());
    }
    if host.system != HostSystem::Linux {
        return Decision::Nothing("the container engine maps owners on this system".to_owned());
    }
    if user.is_root() {
        return Decision::Nothing("the remote user is root".to_owned());
    }
    let name = &user.name;
    if host.rootless {
        return loud(
            format!(
                "the container engine runs without root, so files of the workspace belong to root in the container and `{name}` cannot write them"
            ),
            "Set \"remoteUser\": \"root\" in devcontainer.json; it is your own user on this machine",
        );
    }
    if let Ok(uid) = name.parse::<u32>() {
        if uid == host.uid {
            return Decision::Nothing("the remote user has the host's user id".to_owned());
        }
        return loud(
            format!(
                "the remote user is the number {uid}, but your user id is {}",
                host.uid
            ),
            "Name a user of the image in \"remoteUser\", whose ids can be changed",
        );
    }
    let Some(account) = accounts(image.passwd)
        .into_iter()
        .find(|account| account.name == *name)
    else {
        return loud(
            format!("the image has no user `{name}` in /etc/passwd"),
            "Create the user in the Dockerfile, or name another one in \"remoteUser\"",
        );
    };
    if account.uid == host.uid && account.gid == host.gid {
        return Decision::Nothing("the ids are the same already".to_owned());
    }
    decide_for_account(&account, host, image)
}

fn decide_for_account(account: &Account, host: Host, image: ImageAccounts<'_>) -> Decision {
    let name = &account.name;
    if host.uid == 0 {
        return loud(
            format!(
                "you are root on this machine, so `{name}` ({}) cannot write the files of the workspace, nor read those that only you may",
                account.uid
            ),
            "Run mmdev as an ordinary user, or set \"remoteUser\": \"root\" in devcontainer.json, with which the container need not be made anew",
        );
    }
    // Docker takes no greater number as a user.
    if host.uid > i32::MAX as u32 || host.gid > i32::MAX as u32 {
        return loud(
            format!(
                "your ids {}:{} are greater than a container engine takes",
                host.uid, host.gid
            ),
            "Run mmdev as a user with an id below 2147483648",
        );
    }
    let holder = accounts(image.passwd)
        .into_iter()
        .find(|other| other.uid == host.uid);
    if let Some(holder) = holder.filter(|_| account.uid != host.uid) {
        return loud(
            format!(
                "`{}` already has your user id {} in the image, so `{name}` keeps {} and cannot write the files of the workspace",
                holder.name, host.uid, account.uid
            ),
            &format!(
                "Set \"remoteUser\": \"{}\", or remove that user in the Dockerfile (userdel)",
                holder.name
            ),
        );
    }
    let group_holder = group_name(image.group, host.gid).filter(|_| account.gid != host.gid);
    let gid = match group_holder {
        Some(_) => account.gid,
        None => host.gid,
    };
    let note = group_holder.map(|holder| {
        format!(
            "the group `{holder}` already has your group id {} in the image: new files will belong to group {}",
            host.gid, account.gid
        )
    });
    Decision::Remap(Remap {
        user: name.clone(),
        uid: host.uid,
        gid,
        home: Some(account.home.clone()).filter(|home| is_own_folder(home)),
        passwd: with_new_ids(image.passwd, name, host.uid, gid),
        group: with_new_gid(image.group, account.gid, gid),
        note,
    })
}

fn loud(message: String, hint: &str) -> Decision {
    Decision::Loud {
        message,
        hint: hint.to_owned(),
    }
}

/// Whether a home can be given away whole: not the root folder, nor one directly below it that many share.
fn is_own_folder(home: &str) -> bool {
    let depth = home.split('/').filter(|part| !part.is_empty()).count();
    let is_plain = home.starts_with('/') && !home.split('/').any(|part| part == "..");
    let is_shared = [
        "bin",
        "dev",
        "etc",
        "home",
        "lib",
        "nonexistent",
        "opt",
        "proc",
        "root",
        "run",
        "sbin",
        "srv",
        "sys",
        "tmp",
        "usr",
        "var",
    ]
    .iter()
    .any(|shared| home.trim_matches('/') == *shared);
    is_plain && depth > 0 && !is_shared
}

fn group_name(group: &str, gid: u32) -> Option<&str> {
    group.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, _, id) = (fields.next()?, fields.next()?, fields.next()?);
        (id.parse() == Ok(gid)).then_some(name)
    })
}

/// `passwd` with new ids in the line of `user`; every other byte is kept.
fn with_new_ids(passwd: &str, user: &str, uid: u32, gid: u32) -> String {
    change_lines(passwd, |fields| {
        if fields.len() == 7 && fields[0] == user {
            fields[2] = uid.to_string();
            fields[3] = gid.to_string();
        }
    })
}

fn with_new_gid(group: &str, old: u32, new: u32) -> String {
    change_lines(group, |fields| {
        if fields.len() == 4 && fields[2].parse() == Ok(old) {
            fields[2] = new.to_string();
        }
    })
}

fn change_lines(text: &str, change: impl Fn(&mut Vec<String>)) -> String {
    text.split_inclusive('\n')
        .map(|line| {
            let body = line.strip_suffix('\n').unwrap_or(line);
            let mut fields: Vec<String> = body.split(':').map(str::to_owned).collect();
            change(&mut fields);
            let end = &line[body.len()..];
            fields.join(":") + end
        })
        .collect()
}

/// The build context that gives a user new ids: a Dockerfile and the two new files, each a name and its text. The
/// build arguments BASE_IMAGE and IMAGE_USER (the image's own USER, or root) are to be given. Same effect as the
/// devcontainer CLI's, but nothing of the image reaches a shell.
pub fn remap_context(remap: &Remap) -> Vec<(String, String)> {
    let mut dockerfile = String::from(
        "# The remote user gets the ids of the host's user.\n\
         ARG BASE_IMAGE=scratch\n\
         FROM $BASE_IMAGE\n\
         USER root\n\
         COPY passwd group /etc/\n",
    );
    if let Some(home) = &remap.home {
        let owner = format!("{}:{}", remap.uid, remap.gid);
        let command = serde_json::Value::from(vec!["chown", "-R", &owner, home]);
        dockerfile.push_str(&format!("RUN {command}\n"));
    }
    dockerfile.push_str("ARG IMAGE_USER=root\nUSER $IMAGE_USER\n");
    vec![
        ("Dockerfile".to_owned(), dockerfile),
        ("passwd".to_owned(), remap.passwd.clone()),
        ("group".to_owned(), remap.group.clone()),
    ]
}

/// The name of the image with new ids, as the devcontainer CLI forms it, but of one host user.
pub fn remap_image_name(image: &str, remap: &Remap) -> String {
    let tail = image.rfind('/').map_or(0, |index| index + 1);
    let name = match image[tail..].find([':', '@']) {
        Some(end) => &image[..tail + end],
        None => image,
    };
    let tag = match image[tail..].rsplit_once(':') {
        Some((_, tag)) if tag.len() <= 64 => format!("{tag}-"),
        _ => String::new(),
    };
    format!("{name}:{tag}uid-{}-{}", remap.uid, remap.gid)
}

#[cfg(test)]
mod tests;
