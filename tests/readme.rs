//! The console blocks of the README print what they show.

#[test]
fn the_readme_is_true() {
    trycmd::TestCases::new().case("README.md");
}
