//! Chinese in simplified characters.

use super::{Phrases, Summary};
use crate::model::alert::AlertKind;
use crate::model::event::EventKind;

pub(super) static CHINESE_SIMPLIFIED: Phrases = Phrases {
    tag: "zh-Hans",
    kind: |kind| match kind {
        AlertKind::UncorrelatedContact => "AIS无法解释的探测目标",
        AlertKind::ZoneEntry => "船舶进入观察区",
        AlertKind::AisOnly => "AIS位置处未探测到目标",
        AlertKind::DistressBeacon => "遇险示位标正在工作",
        AlertKind::AisEvent => "AIS事件",
    },
    event: |event| match event {
        EventKind::Gap => "AIS报告中断",
        EventKind::UnexplainedGap => "接收良好海域内AIS报告中断",
        EventKind::Loitering => "船舶低速徘徊",
        EventKind::Encounter => "两船并靠",
        EventKind::UnmatchedEncounter => "船舶在无AIS的探测目标旁徘徊",
        EventKind::ZoneVisit => "观察区内的船舶",
        EventKind::Speed => "船舶航速超过其类型常值",
        EventKind::Rafting => "多艘船舶密集停靠",
        EventKind::Concentration => "船舶数量多于平常",
        EventKind::IdentityClash => "同一识别码在两处收到",
        EventKind::IdentityChange => "航迹以另一识别码继续",
        EventKind::PositionCircle => "报告位置呈圆形移动",
        EventKind::PositionOffset => "报告位置跳到另一处",
        EventKind::OverLand => "报告位置在陆地上",
        EventKind::GnssInterference => "多艘船舶的位置同时受到干扰",
        EventKind::GearBuoy => "渔具标志",
        EventKind::DistressBeacon => "遇险示位标工作",
    },
    summary: Some(Summary {
        vessel: "船舶：{vessel}。",
        observed: "观测时间：{time}。",
        position: "位置：{place}，以95 %的概率在 {radius_m} 米范围内。",
        length: "长度：{length_m} 米。",
        probability: "概率：{probability}。",
        watched: "观察对象：{names}。",
        not_searched: "部分范围未搜索，见英文文本。",
        whole: "本文是此消息英文文本的摘要，以英文文本为准。",
        withdrawn: "已撤回",
    }),
    no_action: "此警报已撤回，不要求采取行动。",
    compare: "行动前请与自有信息核对。",
    pass_on: "请与自有信息核对，并转告负责的救助协调中心。",
    exercise: "演练，并非真实事件。",
    test: "测试消息，并非真实事件，无需采取行动。",
    area: "{place} 周围 {radius_km} 公里内的海域",
    zone: "相距 {distance_nm} 海里，在 {zone_nm} 海里观察区内",
};
