//! Names that PyPI knows, or that programs import, and that conda channels call otherwise.

/// The commonest, and what conda-forge calls them. None of them is a package of conda-forge, defaults, bioconda, pytorch
/// or nvidia.
const NAMES: [(&str, &str); 79] = [
    ("annoy", "python-annoy"),
    ("atari-py", "atari_py"),
    (
        "backports-functools-lru-cache",
        "backports.functools_lru_cache",
    ),
    ("backports-zoneinfo", "backports.zoneinfo"),
    ("beautifulsoup", "beautifulsoup4"),
    ("blosc2", "python-blosc2"),
    ("ccxt", "ccxt-py"),
    ("confluent-kafka", "python-confluent-kafka"),
    ("crypto", "pycryptodome"),
    ("cupy-cuda11x", "cupy"),
    ("cupy-cuda12x", "cupy"),
    ("cupy-cuda13x", "cupy"),
    ("cv2", "opencv"),
    ("cx-oracle", "cx_oracle"),
    ("dateutil", "python-dateutil"),
    ("discord-py", "discord.py"),
    ("docx", "python-docx"),
    ("dotenv", "python-dotenv"),
    ("en-core-web-lg", "spacy-model-en_core_web_lg"),
    ("en-core-web-md", "spacy-model-en_core_web_md"),
    ("en-core-web-sm", "spacy-model-en_core_web_sm"),
    ("fitz", "pymupdf"),
    ("ipython-genutils", "ipython_genutils"),
    ("jaraco-classes", "jaraco.classes"),
    ("jaraco-context", "jaraco.context"),
    ("jaraco-functools", "jaraco.functools"),
    ("jaraco-text", "jaraco.text"),
    ("jose", "python-jose"),
    ("jupyter-client", "jupyter_client"),
    ("jupyter-console", "jupyter_console"),
    (
        "jupyter-contrib-nbextensions",
        "jupyter_contrib_nbextensions",
    ),
    ("jupyter-core", "jupyter_core"),
    (
        "jupyter-nbextensions-configurator",
        "jupyter_nbextensions_configurator",
    ),
    ("jupyter-server", "jupyter_server"),
    ("jupyterlab-server", "jupyterlab_server"),
    ("jupyterlab-widgets", "jupyterlab_widgets"),
    ("jwt", "pyjwt"),
    (
        "keyrings-google-artifactregistry-auth",
        "keyrings.google-artifactregistry-auth",
    ),
    ("line-profiler", "line_profiler"),
    ("memory-profiler", "memory_profiler"),
    ("mod-wsgi", "mod_wsgi"),
    ("msgpack", "msgpack-python"),
    ("mysql-connector", "mysql-connector-python"),
    ("nb-conda-kernels", "nb_conda_kernels"),
    ("neo4j", "neo4j-python-driver"),
    ("openbabel-wheel", "openbabel"),
    ("opencv-contrib-python", "opencv"),
    ("opencv-contrib-python-headless", "opencv"),
    ("opencv-python", "opencv"),
    ("ortools", "ortools-python"),
    ("osgeo", "gdal"),
    ("pil", "pillow"),
    ("pptx", "python-pptx"),
    ("prometheus-client", "prometheus_client"),
    ("psycopg-binary", "psycopg"),
    ("pure-eval", "pure_eval"),
    ("pyqt5", "pyqt"),
    ("python_dateutil", "python-dateutil"),
    ("pytorch_lightning", "pytorch-lightning"),
    ("ray", "ray-core"),
    ("rdkit-pypi", "rdkit"),
    ("ruamel-yaml", "ruamel.yaml"),
    ("scikit_image", "scikit-image"),
    ("scikit_learn", "scikit-learn"),
    ("serial", "pyserial"),
    ("skimage", "scikit-image"),
    ("sklearn", "scikit-learn"),
    ("socketio", "python-socketio"),
    ("sounddevice", "python-sounddevice"),
    ("stack-data", "stack_data"),
    ("systemd-python", "python-systemd"),
    ("tables", "pytables"),
    ("torch", "pytorch"),
    ("torch-cluster", "pytorch_cluster"),
    ("torch-sparse", "pytorch_sparse"),
    ("torch-spline-conv", "pytorch_spline_conv"),
    ("xgboost-cpu", "xgboost"),
    ("zmq", "pyzmq"),
    ("zope-interface", "zope.interface"),
];

/// What conda-forge calls the package that elsewhere is `name`, where it is called otherwise.
pub(in crate::lint) fn conda_name(name: &str) -> Option<&'static str> {
    let known = NAMES.binary_search_by_key(&name, |(other, _)| other);
    known.ok().map(|index| NAMES[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_lead_somewhere() {
        assert!(NAMES.windows(2).all(|pair| pair[0].0 < pair[1].0));
        for (name, conda) in NAMES {
            assert_eq!(conda_name(name), Some(conda));
            assert_eq!(conda_name(conda), None, "{conda} is a conda name");
        }
    }

    /// conda-forge has what the table leads to, and nothing of what it leads from.
    #[test]
    #[ignore = "needs MMDEV_CORPUS"]
    fn conda_forge_has_no_package_of_such_a_name() {
        let text = crate::corpus::text("names/conda-forge.txt");
        let packages: std::collections::BTreeSet<&str> = text.lines().collect();
        for (name, conda) in NAMES {
            assert!(!packages.contains(name), "{name} is a package");
            assert!(packages.contains(conda), "{conda} is no package");
        }
    }
}
