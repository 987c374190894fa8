//! `mmdev size` on real images, one of them without any program in it.

use mmdev_testkit::{Finished, Image, Project, build, docker, world};
use serde_json::Value;

use crate::support::{LEAN, Place};

const JSON: [&str; 3] = ["size", "--message-format", "json"];

/// The lines of that reason.
#[track_caller]
fn lines(finished: &Finished, reason: &str) -> Vec<Value> {
    let lines = finished.stdout.lines();
    lines
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["reason"] == reason)
        .collect()
}

#[test]
fn the_bytes_of_a_projects_image_are_found() {
    let place = Place::new(
        Project::new()
            .file(
                "env.yaml",
                "channels: [conda-forge]\ndependencies: [python, hello-compiled]\n",
            )
            .file("mmdev.toml", LEAN),
    );
    let absent = place.mmdev(&["size"]);
    assert_eq!(absent.code, Some(3), "{}", absent.stderr);
    assert!(
        absent
            .stderr
            .ends_with("error: the image of this project is not built\nhint: mmdev build\n"),
        "{}",
        absent.stderr
    );

    place.mmdev(&["init", "-q"]).success();
    place.mmdev(&["build", "-q"]).success();
    let image = place.image();
    let sizes = place.mmdev(&JSON).success();
    let whole = &lines(&sizes, "image-size")[0];
    assert_eq!(whole["image"], image.as_str());
    let said = docker(&["image", "inspect", "--format", "{{.Size}}", &image]);
    let bytes = whole["bytes"].as_u64().unwrap();
    assert_eq!(bytes, said.parse::<u64>().unwrap());

    // The environment is a layer, and most of it is what python has.
    let layers = lines(&sizes, "layer-size");
    let of_layers: u64 = layers
        .iter()
        .filter_map(|layer| layer["bytes"].as_u64())
        .sum();
    assert_eq!(of_layers, bytes);
    let install = "RUN micromamba install -y -n base";
    let mut layers = layers.iter();
    let installed = layers.find(|layer| layer["step"].as_str().unwrap().starts_with(install));
    let installed = installed.unwrap()["bytes"].as_u64().unwrap();
    let packages = lines(&sizes, "package-size");
    assert!(packages.len() < 15, "{packages:?}");
    let python = &packages[0];
    assert_eq!(
        (&python["name"], &python["prefix"]),
        (&"python".into(), &"opt/conda".into())
    );
    let (python, all) = (
        python["bytes"].as_u64().unwrap(),
        whole["conda"].as_u64().unwrap(),
    );
    assert!(
        python > all / 2 && python < all && all <= installed,
        "{python} {all} {installed}"
    );
    let files = lines(&sizes, "file-size");
    assert_eq!(files.len(), 15);
    assert!(
        files.iter().any(|file| file["package"] == "python"),
        "{files:?}"
    );
    let files = lines(
        &place.mmdev(&[&JSON[..], &["--all"]].concat()).success(),
        "file-size",
    );
    assert!(files.len() > 1000, "{}", files.len());

    let shown = place.mmdev(&["size"]).success();
    for part in [
        " conda packages\n",
        &format!("  {install}"),
        "\npackages\n",
        "  /opt/conda\n",
        "\nfiles\n",
    ] {
        assert!(shown.stdout.contains(part), "{part:?} in {}", shown.stdout);
    }
    assert_eq!(
        docker(&[
            "ps",
            "--all",
            "--quiet",
            "--filter",
            &format!("ancestor={image}")
        ]),
        ""
    );
}

#[test]
fn an_image_needs_no_program_for_that() {
    let image = Image::new("size");
    let site = "/x/opt/conda/lib/site-packages";
    build(
        image.tag(),
        &format!(
            "FROM {} AS made\n\
             RUN mkdir -p /x/opt/conda/conda-meta {site}/tool-2.0.dist-info {site}/tool\n\
             RUN head -c 3000 /dev/zero > {site}/tool/a.py && ln {site}/tool/a.py {site}/tool/b.py\n\
             RUN printf 'tool/a.py,,\\ntool/b.py,,\\n' > {site}/tool-2.0.dist-info/RECORD\n\
             RUN echo '{{\"name\": \"none\", \"version\": \"1\", \"files\": []}}' > /x/opt/conda/conda-meta/none-1-0.json\n\
             FROM scratch\nCOPY --from=made /x /\n",
            world().debian
        ),
    );
    let place = Place::new(Project::new());
    let sizes = place.mmdev(&[&JSON[..], &[image.tag()]].concat()).success();
    let packages = lines(&sizes, "package-size");
    let shown: Vec<String> = packages
        .iter()
        .map(|package| {
            format!(
                "{} {} {}",
                package["manager"], package["name"], package["bytes"]
            )
        })
        .collect();
    // The second name of a file takes nothing.
    assert_eq!(shown, [r#""pip" "tool" 3024"#, r#""conda" "none" 46"#]);

    let absent = place.mmdev(&["size", "mmdev-test/there-is-none"]);
    assert_eq!(absent.code, Some(3));
    assert!(
        absent
            .stderr
            .ends_with("hint: docker pull mmdev-test/there-is-none\n"),
        "{}",
        absent.stderr
    );
}
