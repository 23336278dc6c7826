//! Chinese in traditional characters.

use super::{Phrases, Summary};
use crate::model::alert::AlertKind;
use crate::model::event::EventKind;

pub(super) static CHINESE_TRADITIONAL: Phrases = Phrases {
    tag: "zh-Hant",
    kind: |kind| match kind {
        AlertKind::UncorrelatedContact => "AIS無法解釋的偵測目標",
        AlertKind::ZoneEntry => "船舶進入觀察區",
        AlertKind::AisOnly => "AIS位置處未偵測到目標",
        AlertKind::DistressBeacon => "遇險示位標正在運作",
        AlertKind::AisEvent => "AIS事件",
    },
    event: |event| match event {
        EventKind::Gap => "AIS回報中斷",
        EventKind::UnexplainedGap => "接收良好海域內AIS回報中斷",
        EventKind::Loitering => "船舶低速徘徊",
        EventKind::Encounter => "兩船並靠",
        EventKind::UnmatchedEncounter => "船舶在無AIS的偵測目標旁徘徊",
        EventKind::ZoneVisit => "觀察區內的船舶",
        EventKind::Speed => "船舶航速超過其類型常值",
        EventKind::Rafting => "多艘船舶密集停靠",
        EventKind::Concentration => "船舶數量多於平常",
        EventKind::IdentityClash => "同一識別碼於兩處收到",
        EventKind::IdentityChange => "航跡以另一識別碼繼續",
        EventKind::PositionCircle => "回報位置呈圓形移動",
        EventKind::PositionOffset => "回報位置跳到另一處",
        EventKind::OverLand => "回報位置在陸地上",
        EventKind::GnssInterference => "多艘船舶的位置同時受到干擾",
        EventKind::GearBuoy => "漁具標誌",
        EventKind::DistressBeacon => "遇險示位標運作",
    },
    summary: Some(Summary {
        vessel: "船舶：{vessel}。",
        observed: "觀測時間：{time}。",
        position: "位置：{place}，以95 %的機率在 {radius_m} 公尺範圍內。",
        length: "長度：{length_m} 公尺。",
        probability: "機率：{probability}。",
        watched: "觀察對象：{names}。",
        not_searched: "部分範圍未搜尋，見英文文本。",
        whole: "本文是此訊息英文文本的摘要，以英文文本為準。",
        withdrawn: "已撤回",
    }),
    no_action: "此警報已撤回，不要求採取行動。",
    compare: "行動前請與自有資訊核對。",
    pass_on: "請與自有資訊核對，並轉告負責的救助協調中心。",
    exercise: "演練，並非真實事件。",
    test: "測試訊息，並非真實事件，無須採取行動。",
    area: "{place} 周圍 {radius_km} 公里內的海域",
    zone: "相距 {distance_nm} 浬，在 {zone_nm} 浬觀察區內",
};
