//! Tests against what conda-lock 4.0.3 itself computed.

use super::*;

#[test]
fn scratch() {
    let data = std::fs::read_to_string("/tmp/lockfile/corpus-hash.json").unwrap();
    let data: Value = serde_json::from_str(&data).unwrap();
    let (mut same, mut wrong, mut none, mut extra) = (0, 0, 0, 0);
    for (file, platforms) in data.as_object().unwrap() {
        let bytes = std::fs::read(file).unwrap();
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        for (platform, pair) in platforms.as_object().unwrap() {
            let ours = content(&[&text], platform, &default_virtual_packages(platform))
                .map(|c| python_json(&c));
            match (&ours, pair[0].as_str()) {
                (Some(json), Some(hash)) if sha256(json) == hash => same += 1,
                (Some(json), Some(_)) => {
                    wrong += 1;
                    println!("WRONG {file}\n {json}\n {}", pair[1].as_str().unwrap());
                }
                (None, Some(_)) => {
                    none += 1;
                    println!("NONE {file}");
                }
                (Some(_), None) => {
                    extra += 1;
                    println!("EXTRA {file} {}", pair[1]);
                }
                (None, None) => same += 1,
            }
        }
    }
    println!("same {same} wrong {wrong} none {none} extra {extra}");
}
