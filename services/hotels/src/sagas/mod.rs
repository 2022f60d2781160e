//! What hotels orchestrates: taking out what others may still need.

pub mod delete_room_type;
pub mod delete_rooms;
