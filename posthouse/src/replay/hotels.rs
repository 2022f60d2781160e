//! The two hotels of the replay: rooms and sell limits, taken as given.

/// One room type of a hotel.
pub struct RoomType {
    /// Its code.
    pub code: &'static str,
    /// Rooms, numbered from 1.
    pub rooms: u32,
    /// Reservations that may be live for one night.
    pub limit: u32,
}

/// One property.
pub struct Hotel {
    /// Its code in the house.
    pub code: &'static str,
    /// Its name in the file.
    pub name: &'static str,
    /// Stays that may be in the house at one moment; fewer than rooms, the types peak on different days.
    pub house_rooms: u32,
    /// Reservations that may be live for one night over all types.
    pub house_limit: u32,
    /// Its types.
    pub types: &'static [RoomType],
}

const fn t(code: &'static str, rooms: u32, limit: u32) -> RoomType {
    RoomType { code, rooms, limit }
}

/// I and K are never sold, only given as upgrades; L and P are sales or accounting types without rooms.
pub const HOTELS: [Hotel; 2] = [
    Hotel {
        code: "H1",
        name: "Resort Hotel",
        house_rooms: 187,
        house_limit: 197,
        types: &[
            t("A", 75, 151),
            t("B", 2, 1),
            t("C", 13, 14),
            t("D", 53, 80),
            t("E", 33, 40),
            t("F", 13, 12),
            t("G", 9, 11),
            t("H", 4, 5),
            t("I", 8, 0),
            t("L", 0, 1),
            t("P", 0, 0),
        ],
    },
    Hotel {
        code: "H2",
        name: "City Hotel",
        house_rooms: 226,
        house_limit: 317,
        types: &[
            t("A", 146, 296),
            t("B", 15, 19),
            t("C", 3, 2),
            t("D", 57, 69),
            t("E", 10, 14),
            t("F", 8, 10),
            t("G", 5, 6),
            t("K", 8, 0),
            t("P", 0, 1),
        ],
    },
];
