//! The domain of hotels: one aggregate and one file a command.

pub mod hotel;
pub mod define_hotel;
pub mod define_room_type;
pub mod define_rooms;
