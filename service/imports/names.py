"""What the columns of other systems' files are called, for each field of each noun.

The names stand in the order in which they are tried, lower-case and with underscores; capitals, spaces,
hyphens and what stands in brackets make no difference. Among them are the headers of the exports of
Zendesk, Intercom and Freshdesk.
"""

import re
from collections.abc import Mapping

Names = Mapping[str, tuple[str, ...]]


def _listed(table: str) -> Names:
    """Read a table of `field: names`; the names are divided by white space, a field begins a line."""
    found: dict[str, tuple[str, ...]] = {}
    for line in re.split(r"\n(?=\S)", table.strip()):
        field, _, names = line.partition(":")
        found[field] = tuple(names.split())
    return found


FEEDBACK = _listed("""
external_id: external_id id message_id comment_id utterance_id ticket_id response_id review_id
    feedback_id case_id case_number inquiry_id submission_id ticket_number uuid 問い合わせ番号
    お問い合わせ番号 問い合わせID お問い合わせID 受付番号 チケットID チケット番号 回答ID 案件番号
    管理番号 レビューID コメントID
thread_id: thread_id conversation_id chat_id dialog_id dialogue_id session_id ticket_id スレッドID
    会話ID チャットID セッションID トークID
turn: turn turn_number turn_index message_index 発言番号 発言順
text: text body message_body content description comment comments message feedback feedback_text review
    review_text verbatim utterance sentence note notes question answer 本文 内容 問い合わせ内容
    お問い合わせ内容 問合せ内容 お問合せ内容 質問内容 相談内容 ご意見 意見 自由記述 自由回答 自由記入
    コメント 感想 レビュー 口コミ メッセージ 発言 回答内容 回答 詳細
messages: messages conversation transcript
title: subject title summary headline 件名 タイトル 題名 表題
created_at: created_at created created_time created_date creation_date message_created_at
    conversation_created_at opened_at submitted_at submit_date received_at posted_at date datetime
    timestamp 受付日時 受付日 作成日時 作成日 登録日時 登録日 受信日時 受信日 投稿日時 投稿日
    問い合わせ日時 お問い合わせ日時 問い合わせ日 お問い合わせ日 回答日時 回答日 発生日時 日時 日付
    タイムスタンプ
updated_at: updated_at updated updated_time updated_date last_updated last_update_time modified_at
    last_modified 更新日時 更新日 最終更新日時 最終更新日
replied_at: replied_at first_reply_at first_replied_at first_response_at conversation_first_response_at
    initial_response_time 初回返信日時 返信日時 初回回答日時 回答日時
resolved_at: resolved_at solved_at resolved_time closed_at closed_time conversation_closed_at 解決日時
    完了日時 完了日 クローズ日時 対応完了日時
customer_id: customer_id customer user_id requester_id requester requester_email contact_id
    message_author_user_id message_author_id author_id creator_id creator reporter respondent_id
    participant_id participant interviewee reviewer reviewer_id user_email email 顧客ID お客様ID 会員ID
    ユーザーID 顧客番号 お客様番号 会員番号 顧客コード 回答者ID 利用者ID 被験者ID 被験者 参加者ID 参加者
    協力者
customer_email: customer_email requester_email user_email email email_address contact_email
    メールアドレス メール お客様メールアドレス 顧客メールアドレス
account_id: account_id account company_id organization_id organisation_id tenant_id workspace_id
    contract_id company_name company organization organisation message_author_companies 会社ID 企業ID
    契約ID 契約先ID 契約番号 法人ID 会社コード 会社名 企業名 契約先
channel: channel via_channel via source source_type チャネル チャンネル 受付経路 経路 問い合わせ経路
    媒体
lang: lang language locale 言語
status: status state ticket_status conversation_state ステータス 状態 対応状況
rating: rating stars star_rating score satisfaction satisfaction_score satisfaction_rating csat
    survey_results conversation_rating 評価 満足度 総合評価 総合満足度 星 nps nps_score 推奨度
url: url link permalink ticket_url リンク
tags: tags tag labels conversation_tags タグ ラベル
author_role: author_role role author_type sender_type message_author_type speaker sender 発言者 話者
    送信者 役割
product_area: product_area area component module category topic product カテゴリ カテゴリー 分類 機能
    製品 製品名 商品 商品名
team: team group assignee_group department チーム 部署 担当部署
segment: segment customer_segment セグメント 顧客区分
layer: layer touch_layer touch_level 接点の層 タッチ
moment: moment moment_of_truth 真実の瞬間
""")

ARTICLES = _listed("""
external_id: external_id id article_id slug key 記事ID 記事番号
title: title name subject headline question タイトル 記事名 件名 見出し 質問
body: body text content html description answer 本文 内容 回答 回答内容
url: url link permalink html_url リンク
lang: lang language locale 言語
audience: audience visibility 公開範囲 対象
section: section category folder collection セクション カテゴリ カテゴリー 分類
status: status state ステータス 状態
updated_at: updated_at updated edited_at modified_at last_modified 更新日時 更新日 最終更新日
views: views view_count page_views pageviews 閲覧数 表示回数
helpful: helpful helpful_count num_helpful upvotes thumbs_up 役に立った
unhelpful: unhelpful unhelpful_count num_unhelpful downvotes thumbs_down 役に立たなかった
""")

ACCOUNTS = _listed("""
account_id: account_id id company_id organization_id organisation_id tenant_id contract_id customer_id
    会社ID 企業ID 契約ID 契約先ID 契約番号 法人ID 顧客ID 会社コード
name: name account_name company_name company organization organisation 会社名 企業名 契約先名 顧客名
    名称
domains: domains domain email_domain website ドメイン
plan: plan plan_name tier subscription プラン 契約プラン
revenue: revenue arr annual_revenue contract_value mrr monthly_revenue amount 年間売上 売上 契約金額
    年額 月額
currency: currency 通貨
segment: segment industry size セグメント 業種 規模
started_at: started_at start_date started signup_date created_at 契約開始日 契約日 開始日 利用開始日
renews_at: renews_at renewal_date next_renewal renewal_at 契約更新日 次回更新日 更新日
ended_at: ended_at end_date ended churned_at churn_date cancelled_at canceled_at 解約日 終了日
    契約終了日
""")

CUSTOMERS = _listed("""
customer_id: customer_id customer id user_id contact_id 顧客ID お客様ID 会員ID ユーザーID 顧客番号 お客様番号
    会員番号 顧客コード
email: email customer_email user_email email_address contact_email メールアドレス メール
consent: consent contact_consent email_consent opt_in email_opt_in permission 同意 お知らせ希望 お知らせ
    連絡可否 配信可否 配信同意 オプトイン
""")

EVENTS = _listed("""
occurred_at: occurred_at date event_date timestamp datetime created_at at time 発生日時 発生日 日時 日付
kind: kind type event event_type event_name 種別 種類 イベント
account_id: account_id account company_id organization_id company 会社ID 企業ID 契約ID 契約先ID 会社名
customer_id: customer_id customer user_id contact_id 顧客ID お客様ID ユーザーID 会員ID
article: article article_id slug 記事 記事ID
amount: amount value revenue 金額
text: text reason churn_reason comment note message 理由 解約理由 コメント 備考 本文
""")

INTERVENTIONS = _listed("""
intervention_id: intervention_id id 施策ID
theme: theme theme_id theme_title テーマ テーマID
occurred_at: occurred_at date released_at shipped_at published_at at 実施日 実施日時 公開日 日付 日時
kind: kind type 種別 種類
segment: segment セグメント
""")

SEARCHES = _listed("""
searched_at: searched_at at time date timestamp datetime created_at 検索日時 検索日 日時 日付
query: query search_query search_term search_terms search_string term keyword keywords q 検索語 検索語句
    検索キーワード 検索ワード キーワード
results: results result_count results_count number_of_results num_results hits hit_count nb_hits total_results
    検索結果数 結果件数 結果数 ヒット件数 ヒット数
lang: lang language locale 言語
customer_id: customer_id customer user_id contact_id user 顧客ID お客様ID ユーザーID 会員ID
clicked: clicked clicks click_count clicked_article clicked_url クリック クリック数 クリックした記事
""")

CORRECTIONS = _listed("""
op: op operation 操作
theme_ids: theme_ids themes theme_id テーマID
span_ids: span_ids spans span_id 発言ID
title: title name テーマ名 件名
by: by author person 担当者
at: at date created_at 日時 日付
""")

MESSAGE = _listed("""
external_id: external_id id message_id comment_id part_id
text: text body plain_body content message comment utterance 本文 内容
author_role: author_role role author_type sender_type speaker sender author 発言者 話者
created_at: created_at created timestamp date sent_at 日時
""")

FIELDS: Mapping[str, Names] = {
    "feedback": FEEDBACK,
    "articles": ARTICLES,
    "accounts": ACCOUNTS,
    "customers": CUSTOMERS,
    "events": EVENTS,
    "interventions": INTERVENTIONS,
    "searches": SEARCHES,
    "corrections": CORRECTIONS,
}

NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "feedback": (("text", "title", "messages"),),
    "articles": (("title",),),
    "accounts": (("account_id",),),
    "customers": (("customer_id", "email"), ("consent",)),
    "events": (("occurred_at",), ("kind",)),
    "interventions": (("theme",), ("occurred_at",)),
    "searches": (("searched_at",), ("query",), ("results",)),
    "corrections": (("op",), ("span_ids", "theme_ids")),
}
"""Of each group one field must have a column."""

PARTS: Mapping[str, Names] = {
    "feedback": _listed("""
text: text comment feedback review verbatim answer 本文 内容 自由記述 自由回答 ご意見 意見 コメント 感想
    お聞かせ お書き
lang: locale lang language
"""),
    "articles": _listed("""
title: title タイトル 見出し
external_id: slug
lang: locale lang language
"""),
}
"""Words by which a column is taken where no name fits and only one column's name holds such a word."""
