//! The domain of hotels: one aggregate, what is being removed from it, and one file a command.

pub mod hotel;
pub mod removal;
pub mod define_hotel;
pub mod define_room_type;
pub mod define_rooms;
pub mod change_hotel;
pub mod change_rooms;
pub mod close_hotel;
pub mod delete_hotel;
