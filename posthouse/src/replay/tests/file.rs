//! Reading: what is accepted, what is refused and how, what a slice is.

use super::super::reading::{cents, load, parse};
use super::super::rows::{RowRange, Status};
use super::{HEADER, Line, STAY, rows, slice, text};

#[test]
fn prices_are_read_without_floating_point() {
    let known = [("98", 9800), ("98.5", 9850), ("98.55", 9855), ("-6.38", -638), ("0", 0), ("5400", 540_000), ("-0.5", -50), ("7.", 700)];
    for (text, price) in known {
        assert_eq!(cents(text), Some(price), "{text}");
    }
    for text in ["", "-", ".5", "1.234", "1,5", "1e3", "--1", "99999999999999999999", "1.+5", "NA"] {
        assert_eq!(cents(text), None, "{text}");
    }
}

#[test]
fn a_row_is_read_as_the_rules_say() {
    let rows = rows(&[Line { lead: "10", nights: "3", given: "D", end: "2015-07-03", ..STAY }]);
    let row = &rows.rows[0];
    assert_eq!(
        [row.booked, row.arrival, row.end, row.departure()].map(|d| d.to_string()),
        ["2015-06-21", "2015-07-01", "2015-07-03", "2015-07-04"]
    );
    assert_eq!((row.price, row.nights_stayed(), row.retyped(), row.status), (9850, 2, true, Status::CheckedOut));
    assert_eq!((rows.reference(0).as_str(), rows.index_of("H1-000001")), ("H1-000001", Some(0)));
    assert_eq!([rows.index_of("H2-000001"), rows.index_of("H1-000002"), rows.index_of("H1-1"), rows.index_of("x")], [None; 4]);
}

#[test]
fn odd_rows_are_bookings_and_a_no_show_ends_on_its_arrival() {
    let odd = rows(&[
        Line { nights: "0", adr: "0", children: "NA", end: "2015-07-01", ..STAY },
        Line { adr: "-12.5", ..STAY },
        Line { status: "No-Show", end: "2015-06-20", ..STAY },
    ]);
    assert!(odd.rows[0].day_use());
    assert_eq!(odd.rows[1].price, -1250);
    assert_eq!(odd.rows[2].end, odd.rows[2].arrival);
}

#[test]
fn a_broken_row_is_refused_by_its_row_and_column() {
    let cases = [
        (Line { hotel: "Grand Hotel", ..STAY }, "column hotel"),
        (Line { lead: "-1", ..STAY }, "column lead_time"),
        (Line { arrival: "32", ..STAY }, "column arrival_date_day_of_month"),
        (Line { nights: "x", ..STAY }, "column stays_in_week_nights"),
        (Line { sold: "A B", ..STAY }, "column reserved_room_type"),
        (Line { adr: "9.999", ..STAY }, "column adr"),
        (Line { children: "many", ..STAY }, "column children"),
        (Line { status: "Gone", ..STAY }, "column reservation_status"),
        (Line { end: "2015-07-03", ..STAY }, "column reservation_status_date"),
        (Line { end: "2015-06-30", ..STAY }, "column reservation_status_date"),
        (Line { status: "Canceled", end: "2015-07-02", ..STAY }, "column reservation_status_date"),
    ];
    for (line, column) in cases {
        let why = parse(text(&[STAY, line]).as_bytes(), None).expect_err(column);
        assert!(why.starts_with("row 2, ") && why.contains(column), "{why}");
    }
    let why = parse(format!("{HEADER}\n1,2,3\n").as_bytes(), None).expect_err("a short row");
    assert!(why.starts_with("row 1"), "{why}");
    let why = parse("hotel,adr\n".as_bytes(), None).expect_err("no columns");
    assert!(why.contains("no column lead_time"), "{why}");
    assert!(parse(format!("{HEADER}\n").as_bytes(), None).is_err());
}

#[test]
fn a_slice_is_renumbered_and_looks_at_no_other_row() {
    let broken = Line { adr: "?", ..STAY };
    let text = text(&[broken, STAY, Line { sold: "D", ..STAY }, broken]);
    let range: RowRange = "2..3".parse().expect("a range");
    let taken = parse(text.as_bytes(), Some(range)).expect("rows 2 and 3");
    assert_eq!((taken.rows.len(), taken.whole, taken.word(taken.rows[1].sold)), (2, false, "D"));
    assert_eq!(taken.reference(1), "H1-000002");
    assert!(parse(text.as_bytes(), Some(RowRange { first: 9, last: 10 })).is_err());
    for bad in ["0..3", "4..3", "3", "a..b", ""] {
        assert!(bad.parse::<RowRange>().is_err(), "{bad}");
    }
}

#[test]
fn a_compressed_file_is_the_same_file() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("bookings.csv.xz");
    let plain = std::fs::read(slice()).expect("the slice");
    let mut packed = Vec::new();
    lzma_rs::xz_compress(&mut plain.as_slice(), &mut packed).expect("packed");
    std::fs::write(&path, &packed).expect("written");
    let (read, known) = (load(&path, None).expect("packed rows"), load(&slice(), None).expect("plain rows"));
    assert_eq!((read.rows.len(), &read.sha256), (280, &known.sha256));
    std::fs::write(&path, &packed[..packed.len() / 2]).expect("written");
    assert!(load(&path, None).expect_err("cut").contains("not a readable xz file"));
}
