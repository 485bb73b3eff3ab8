"""Taking the work home from JupyterLab: the link under ``take_home()`` hands the archive over."""

import zipfile


def test_the_link_downloads_what_was_packed(lab):
    lab.open(lab.notebook("home", "from paramlab.workshop import take_home\ntake_home()"))
    assert lab.run_all(), lab.complaints()
    with lab.page.expect_download() as download:
        lab.page.get_by_role("link", name="Download my_paramlab.zip").click()
    assert download.value.suggested_filename == "my_paramlab.zip"
    with zipfile.ZipFile(download.value.path()) as archive:
        assert "home.ipynb" in archive.namelist()
    assert lab.errors == []
