"""Wheels of the framework `planted`: a package of three lines, in the versions that a test wants."""

import zipfile


def wheel(folder, version, fault="", broken=False, requires=""):
    """A wheel of one version.

    `fault` is what its Hessians are like: right (""), "nan", "raise"; a broken one does not import.
    """
    name = f"planted-{version}.dist-info"
    module = "raise ImportError('planted is broken')" if broken else f"VERSION, FAULT = {version!r}, {fault!r}"
    dependency = f"Requires-Dist: {requires}\n" if requires else ""
    files = {
        "planted.py": module + "\n",
        f"{name}/METADATA": f"Metadata-Version: 2.1\nName: planted\nVersion: {version}\n{dependency}",
        f"{name}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    files[f"{name}/RECORD"] = "".join(f"{path},,\n" for path in (*files, f"{name}/RECORD"))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"planted-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return path
