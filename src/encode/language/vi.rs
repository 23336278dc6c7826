//! Vietnamese.

use super::{Phrases, Summary};
use crate::model::alert::AlertKind;
use crate::model::event::EventKind;

pub(super) static VIETNAMESE: Phrases = Phrases {
    tag: "vi",
    kind: |kind| match kind {
        AlertKind::UncorrelatedContact => "Mục tiêu phát hiện không được AIS giải thích",
        AlertKind::ZoneEntry => "Tàu vào vùng theo dõi",
        AlertKind::AisOnly => "Vị trí AIS không có phát hiện tương ứng",
        AlertKind::DistressBeacon => "Thiết bị báo nạn đang hoạt động",
        AlertKind::AisEvent => "Sự kiện theo AIS",
    },
    event: |event| match event {
        EventKind::Gap => "Báo cáo AIS ngừng",
        EventKind::UnexplainedGap => "Báo cáo AIS ngừng ở nơi thu tín hiệu tốt",
        EventKind::Loitering => "Tàu lưu lại với tốc độ chậm",
        EventKind::Encounter => "Hai tàu cạnh nhau",
        EventKind::UnmatchedEncounter => "Tàu lưu lại bên một phát hiện không có AIS",
        EventKind::ZoneVisit => "Tàu trong vùng theo dõi",
        EventKind::Speed => "Tàu nhanh hơn mức thường của loại tàu",
        EventKind::Rafting => "Nhiều tàu nằm sát nhau",
        EventKind::Concentration => "Nhiều tàu hơn thường lệ",
        EventKind::IdentityClash => "Một mã nhận dạng thu được từ hai nơi",
        EventKind::IdentityChange => "Vết đi tiếp tục dưới mã nhận dạng khác",
        EventKind::PositionCircle => "Các vị trí báo cáo chạy theo vòng tròn",
        EventKind::PositionOffset => "Các vị trí báo cáo nhảy sang nơi khác",
        EventKind::OverLand => "Các vị trí báo cáo nằm trên đất liền",
        EventKind::GnssInterference => "Vị trí của nhiều tàu cùng lúc bị nhiễu",
        EventKind::GearBuoy => "Phao đánh dấu ngư cụ",
        EventKind::DistressBeacon => "Thiết bị báo nạn hoạt động",
    },
    summary: Some(Summary {
        vessel: "Tàu: {vessel}.",
        observed: "Thời điểm quan sát: {time}.",
        position: "Vị trí: {place}, trong vòng {radius_m} m với xác suất 95 %.",
        length: "Chiều dài: {length_m} m.",
        probability: "Xác suất: {probability}.",
        watched: "Đang theo dõi: {names}.",
        not_searched: "Có phần chưa được tìm kiếm: xem bản tiếng Anh.",
        whole: "Đây là tóm tắt bản tiếng Anh của thông điệp này; bản tiếng Anh có giá trị quyết định.",
        withdrawn: "Đã rút lại",
    }),
    no_action: "Cảnh báo này đã được rút lại. Không yêu cầu hành động.",
    compare: "Hãy đối chiếu với thông tin của mình trước khi hành động.",
    pass_on: "Hãy đối chiếu với thông tin của mình và chuyển đến trung tâm phối hợp cứu nạn phụ trách.",
    exercise: "Diễn tập. Không phải sự kiện thật.",
    test: "Thông điệp thử. Không phải sự kiện thật: không cần hành động.",
    area: "Vùng biển trong vòng {radius_km} km quanh {place}",
    zone: "cách {distance_nm} hải lý, trong vùng {zone_nm} hải lý",
};
