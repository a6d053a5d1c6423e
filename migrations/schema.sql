CREATE TABLE account (
	name VARCHAR(120) NOT NULL, 
	channel VARCHAR(20) NOT NULL, 
	paused_until DATETIME, 
	data JSON NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_account PRIMARY KEY (name)
);

CREATE TABLE agent (
	id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	role VARCHAR(40) NOT NULL, 
	alias VARCHAR(80), 
	language VARCHAR(8), 
	own_ids BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	disabled_at DATETIME, capacity INTEGER, availability VARCHAR(40) DEFAULT 'online' NOT NULL, away_until DATETIME, 
	CONSTRAINT pk_agent PRIMARY KEY (id), 
	CONSTRAINT uq_agent_name UNIQUE (name)
);

CREATE TABLE agent_address (
	id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	external_id VARCHAR(200) NOT NULL, 
	linked_at DATETIME NOT NULL, 
	CONSTRAINT pk_agent_address PRIMARY KEY (id), 
	CONSTRAINT fk_agent_address_agent_id_agent FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT uq_agent_address_account_external_id UNIQUE (account, external_id)
);

CREATE TABLE agent_link (
	id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_agent_link PRIMARY KEY (id), 
	CONSTRAINT fk_agent_link_agent_id_agent FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT uq_agent_link_code_hash UNIQUE (code_hash)
);

CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);

INSERT INTO "alembic_version" VALUES('0016');

CREATE TABLE api_key (
	id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	key_hash VARCHAR(64) NOT NULL, 
	hint VARCHAR(16) NOT NULL, 
	created_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	CONSTRAINT pk_api_key PRIMARY KEY (id), 
	CONSTRAINT fk_api_key_agent_id_agent FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT uq_api_key_key_hash UNIQUE (key_hash)
);

CREATE TABLE "article" (
	id INTEGER NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	version INTEGER NOT NULL, 
	published_version INTEGER, 
	pending_version INTEGER, 
	pending_at DATETIME, 
	pending_state VARCHAR(20), 
	pending_detail TEXT, 
	sample BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	pending_forced BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_article PRIMARY KEY (id), 
	CONSTRAINT uq_article_key_language UNIQUE ("key", language)
);

CREATE TABLE article_file (
	id VARCHAR(64) NOT NULL, 
	name VARCHAR(250) NOT NULL, 
	media_type VARCHAR(120) NOT NULL, 
	kind VARCHAR(20) NOT NULL, 
	size BIGINT NOT NULL, 
	digest VARCHAR(64), 
	author VARCHAR(80) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_article_file PRIMARY KEY (id)
);

CREATE TABLE article_version (
	id INTEGER NOT NULL, 
	article_id INTEGER NOT NULL, 
	version INTEGER NOT NULL, 
	question TEXT NOT NULL, 
	phrasings JSON NOT NULL, 
	answer TEXT NOT NULL, 
	category VARCHAR(200), 
	tags JSON NOT NULL, 
	valid_from DATETIME, 
	valid_until DATETIME, 
	audience VARCHAR(40) NOT NULL, 
	complaint_topic BOOLEAN NOT NULL, 
	related JSON NOT NULL, 
	file VARCHAR(200), 
	author VARCHAR(80) NOT NULL, 
	note TEXT, 
	digest VARCHAR(64) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_article_version PRIMARY KEY (id), 
	CONSTRAINT fk_article_version_article_id_article FOREIGN KEY(article_id) REFERENCES article (id), 
	CONSTRAINT uq_article_version_article_id_version UNIQUE (article_id, version)
);

CREATE TABLE "audit_entry" (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(80) NOT NULL, 
	action VARCHAR(80) NOT NULL, 
	object VARCHAR(300) NOT NULL, 
	changes JSON NOT NULL, 
	note TEXT, 
	CONSTRAINT pk_audit_entry PRIMARY KEY (id)
);

CREATE TABLE canned_reply (
	name VARCHAR(60) NOT NULL, 
	zh TEXT, 
	en TEXT, 
	tags JSON NOT NULL, 
	updated_by VARCHAR(80) NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_canned_reply PRIMARY KEY (name)
);

CREATE TABLE channel_identity (
	id INTEGER NOT NULL, 
	customer_id INTEGER NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	external_id VARCHAR(200) NOT NULL, 
	display_name VARCHAR(200), 
	verified BOOLEAN NOT NULL, 
	reachable BOOLEAN NOT NULL, 
	unreachable_because VARCHAR(40), 
	last_seen_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_channel_identity PRIMARY KEY (id), 
	CONSTRAINT fk_channel_identity_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT uq_channel_identity_account_external_id UNIQUE (account, external_id)
);

CREATE TABLE "compensation_grant" (
	id INTEGER NOT NULL, 
	ticket_id INTEGER, 
	customer_id INTEGER NOT NULL, 
	order_id INTEGER, 
	origin VARCHAR(40) NOT NULL, 
	budget VARCHAR(80) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	state VARCHAR(40) NOT NULL, 
	rule VARCHAR(120), 
	because JSON, 
	reason TEXT, 
	facts JSON NOT NULL, 
	valid_days INTEGER, 
	requested_by VARCHAR(80) NOT NULL, 
	approved_by VARCHAR(80), 
	self_approved BOOLEAN NOT NULL, 
	reference VARCHAR(200), 
	code_digest VARCHAR(64), 
	code_last4 VARCHAR(4), 
	expires_at DATETIME, 
	reminded_at DATETIME, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	redeemed_for VARCHAR(120), 
	redeemed_by VARCHAR(80), 
	"key" VARCHAR(120), 
	CONSTRAINT pk_compensation_grant PRIMARY KEY (id), 
	CONSTRAINT fk_compensation_grant_order_id_order FOREIGN KEY(order_id) REFERENCES "order" (id), 
	CONSTRAINT fk_compensation_grant_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT uq_compensation_grant_code_digest UNIQUE (code_digest), 
	CONSTRAINT fk_compensation_grant_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_compensation_grant_key UNIQUE ("key")
);

CREATE TABLE consent (
	id INTEGER NOT NULL, 
	customer_id INTEGER NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	given BOOLEAN NOT NULL, 
	source VARCHAR(200) NOT NULL, 
	by_customer BOOLEAN NOT NULL, 
	at DATETIME NOT NULL, 
	recorded_at DATETIME NOT NULL, 
	CONSTRAINT pk_consent PRIMARY KEY (id), 
	CONSTRAINT fk_consent_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id)
);

CREATE TABLE "conversation" (
	id INTEGER NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	identity_id INTEGER NOT NULL, 
	customer_id INTEGER NOT NULL, 
	owner VARCHAR(40) NOT NULL, 
	owner_epoch INTEGER NOT NULL, 
	owner_since DATETIME, 
	agent_id INTEGER, 
	language VARCHAR(8), 
	chosen_language BOOLEAN NOT NULL, 
	state JSON NOT NULL, 
	last_seq INTEGER NOT NULL, 
	last_at DATETIME NOT NULL, 
	seen_seq INTEGER NOT NULL, 
	unanswered_since DATETIME, 
	version INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	ticket_id INTEGER, 
	answer_by DATETIME, 
	CONSTRAINT pk_conversation PRIMARY KEY (id), 
	CONSTRAINT fk_conversation_identity_id_channel_identity FOREIGN KEY(identity_id) REFERENCES channel_identity (id), 
	CONSTRAINT fk_conversation_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT fk_conversation_account_account FOREIGN KEY(account) REFERENCES account (name), 
	CONSTRAINT fk_conversation_agent_id_agent FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT uq_conversation_account_identity_id UNIQUE (account, identity_id), 
	CONSTRAINT fk_conversation_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);

CREATE TABLE customer (
	id INTEGER NOT NULL, 
	external_id VARCHAR(120), 
	name VARCHAR(200), 
	form_of_address VARCHAR(80), 
	organisation VARCHAR(200), 
	language VARCHAR(8), 
	timezone VARCHAR(64), 
	timezone_from VARCHAR(40), 
	birthday VARCHAR(10), 
	birthday_calendar VARCHAR(40), 
	birthday_leap_month BOOLEAN NOT NULL, 
	birthday_question VARCHAR(40), 
	phone VARCHAR(32), 
	phone_proven BOOLEAN NOT NULL, 
	email VARCHAR(254), 
	email_proven BOOLEAN NOT NULL, 
	tags JSON NOT NULL, 
	preferences JSON NOT NULL, 
	needs TEXT, 
	chosen JSON NOT NULL, 
	tier VARCHAR(40) NOT NULL, 
	stage VARCHAR(40), 
	blocked_until DATETIME, 
	sample BOOLEAN NOT NULL, 
	merged_into_id INTEGER, 
	erased_at DATETIME, 
	version INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, blocked_because VARCHAR(200), 
	CONSTRAINT pk_customer PRIMARY KEY (id), 
	CONSTRAINT fk_customer_merged_into_id_customer FOREIGN KEY(merged_into_id) REFERENCES customer (id), 
	CONSTRAINT uq_customer_external_id UNIQUE (external_id)
);

CREATE TABLE customer_note (
	id INTEGER NOT NULL, 
	customer_id INTEGER NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	text TEXT NOT NULL, 
	actor VARCHAR(80) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_customer_note PRIMARY KEY (id), 
	CONSTRAINT fk_customer_note_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id)
);

CREATE TABLE "delivery" (
	id INTEGER NOT NULL, 
	message_id INTEGER, 
	conversation_id INTEGER, 
	customer_id INTEGER, 
	account VARCHAR(120) NOT NULL, 
	lane VARCHAR(330) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	part INTEGER NOT NULL, 
	parts INTEGER NOT NULL, 
	payload JSON NOT NULL, 
	dedupe_key VARCHAR(250) NOT NULL, 
	priority INTEGER NOT NULL, 
	owner_epoch INTEGER, 
	state VARCHAR(40) NOT NULL, 
	because VARCHAR(80), 
	attempt INTEGER NOT NULL, 
	resent BOOLEAN NOT NULL, 
	due_at DATETIME NOT NULL, 
	expires_at DATETIME, 
	retry_at DATETIME, 
	lease_until DATETIME, 
	claim VARCHAR(120), 
	external_id VARCHAR(120), 
	sent_at DATETIME, 
	purpose VARCHAR(40), 
	survey BOOLEAN DEFAULT 0 NOT NULL, 
	admitted_at DATETIME, 
	CONSTRAINT pk_delivery PRIMARY KEY (id), 
	CONSTRAINT fk_delivery_message_id_message FOREIGN KEY(message_id) REFERENCES message (id), 
	CONSTRAINT uq_delivery_dedupe_key UNIQUE (dedupe_key), 
	CONSTRAINT fk_delivery_conversation_id_conversation FOREIGN KEY(conversation_id) REFERENCES conversation (id), 
	CONSTRAINT fk_delivery_account_account FOREIGN KEY(account) REFERENCES account (name), 
	CONSTRAINT fk_delivery_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id)
);

CREATE TABLE desk (
	id INTEGER NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	created_by VARCHAR(80) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	account VARCHAR(120), 
	chat VARCHAR(120), 
	title VARCHAR(200), 
	claimed_by VARCHAR(80), 
	claimed_at DATETIME, 
	removed_at DATETIME, 
	CONSTRAINT pk_desk PRIMARY KEY (id), 
	CONSTRAINT uq_desk_code_hash UNIQUE (code_hash)
);

CREATE TABLE desk_draft (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	attachments JSON NOT NULL, 
	reply_to_id INTEGER, 
	sure BOOLEAN NOT NULL, 
	origin BIGINT, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_desk_draft PRIMARY KEY (id), 
	CONSTRAINT fk_desk_draft_reply_to_id_message FOREIGN KEY(reply_to_id) REFERENCES message (id), 
	CONSTRAINT fk_desk_draft_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);

CREATE TABLE desk_group (
	id INTEGER NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	chat VARCHAR(40) NOT NULL, 
	has_topics BOOLEAN NOT NULL, 
	lacks JSON NOT NULL, 
	looked_at DATETIME, 
	board BIGINT, 
	board_print VARCHAR(64), 
	board_at DATETIME, 
	digest_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_desk_group PRIMARY KEY (id), 
	CONSTRAINT uq_desk_group_account_chat UNIQUE (account, chat)
);

CREATE TABLE desk_post (
	id INTEGER NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	chat VARCHAR(40) NOT NULL, 
	number BIGINT NOT NULL, 
	topic_id INTEGER, 
	message_id INTEGER, 
	held_id INTEGER, 
	event_id INTEGER, 
	by_id INTEGER, 
	mark VARCHAR(40), 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_desk_post PRIMARY KEY (id), 
	CONSTRAINT fk_desk_post_by_id_agent FOREIGN KEY(by_id) REFERENCES agent (id), 
	CONSTRAINT fk_desk_post_event_id_ticket_event FOREIGN KEY(event_id) REFERENCES ticket_event (id), 
	CONSTRAINT fk_desk_post_held_id_held_reply FOREIGN KEY(held_id) REFERENCES held_reply (id), 
	CONSTRAINT fk_desk_post_message_id_message FOREIGN KEY(message_id) REFERENCES message (id), 
	CONSTRAINT fk_desk_post_topic_id_desk_topic FOREIGN KEY(topic_id) REFERENCES desk_topic (id), 
	CONSTRAINT uq_desk_post_account_chat_number UNIQUE (account, chat, number)
);

CREATE TABLE desk_topic (
	id INTEGER NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	chat VARCHAR(40) NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	thread BIGINT, 
	card BIGINT, 
	card_print VARCHAR(64), 
	card_at DATETIME NOT NULL, 
	title_print VARCHAR(200), 
	posted_message BIGINT NOT NULL, 
	posted_event BIGINT NOT NULL, 
	is_closed BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_desk_topic PRIMARY KEY (id), 
	CONSTRAINT fk_desk_topic_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_desk_topic_ticket_id UNIQUE (ticket_id)
);

CREATE TABLE erased_key (
	digest VARCHAR(64) NOT NULL, 
	salt VARCHAR(64) NOT NULL, 
	erasure_id INTEGER NOT NULL, 
	CONSTRAINT pk_erased_key PRIMARY KEY (digest), 
	CONSTRAINT fk_erased_key_erasure_id_erasure FOREIGN KEY(erasure_id) REFERENCES erasure (id)
);

CREATE TABLE erasure (
	id INTEGER NOT NULL, 
	entry VARCHAR(80) NOT NULL, 
	customer_number BIGINT NOT NULL, 
	files JSON NOT NULL, 
	salt VARCHAR(64) NOT NULL, 
	asked_by VARCHAR(80) NOT NULL, 
	steps_done JSON NOT NULL, 
	receipt JSON NOT NULL, 
	started_at DATETIME NOT NULL, 
	finished_at DATETIME, 
	CONSTRAINT pk_erasure PRIMARY KEY (id), 
	CONSTRAINT uq_erasure_entry UNIQUE (entry)
);

CREATE TABLE follow_up (
	id INTEGER NOT NULL, 
	programme VARCHAR(60) NOT NULL, 
	step INTEGER NOT NULL, 
	customer_id INTEGER NOT NULL, 
	occasion VARCHAR(160) NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	rule VARCHAR(120) NOT NULL, 
	happened_at DATETIME NOT NULL, 
	due_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	state VARCHAR(40) NOT NULL, 
	because VARCHAR(40), 
	"values" JSON NOT NULL, 
	order_id INTEGER, 
	ticket_id INTEGER, 
	facts JSON NOT NULL, 
	delivery_id INTEGER, 
	task_id INTEGER, 
	created_at DATETIME NOT NULL, 
	sent_at DATETIME, 
	answered_at DATETIME, 
	ended_by VARCHAR(80), dispatched_at DATETIME, again_of BIGINT, 
	CONSTRAINT pk_follow_up PRIMARY KEY (id), 
	CONSTRAINT fk_follow_up_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT fk_follow_up_delivery_id_delivery FOREIGN KEY(delivery_id) REFERENCES delivery (id), 
	CONSTRAINT fk_follow_up_order_id_order FOREIGN KEY(order_id) REFERENCES "order" (id), 
	CONSTRAINT fk_follow_up_task_id_task FOREIGN KEY(task_id) REFERENCES task (id), 
	CONSTRAINT fk_follow_up_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_follow_up_programme_customer_id_occasion_step UNIQUE (programme, customer_id, occasion, step)
);

CREATE TABLE follow_up_hold (
	id INTEGER NOT NULL, 
	held_by VARCHAR(80) NOT NULL, 
	held_at DATETIME NOT NULL, 
	CONSTRAINT pk_follow_up_hold PRIMARY KEY (id)
);

CREATE TABLE given_word (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	words VARCHAR(80) NOT NULL, 
	due_at DATETIME NOT NULL, 
	remind_at DATETIME NOT NULL, 
	reminded_at DATETIME, 
	kept_at DATETIME, 
	passed_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_given_word PRIMARY KEY (id), 
	CONSTRAINT fk_given_word_agent_id_agent FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT fk_given_word_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);

CREATE TABLE held_reply (
	id INTEGER NOT NULL, 
	conversation_id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	attachments JSON NOT NULL, 
	reply_to_id INTEGER, 
	surface VARCHAR(120), 
	origin VARCHAR(120), 
	state VARCHAR(40) NOT NULL, 
	because VARCHAR(80), 
	message_id INTEGER, 
	due_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_held_reply PRIMARY KEY (id), 
	CONSTRAINT fk_held_reply_agent_id_agent FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT fk_held_reply_conversation_id_conversation FOREIGN KEY(conversation_id) REFERENCES conversation (id), 
	CONSTRAINT fk_held_reply_message_id_message FOREIGN KEY(message_id) REFERENCES message (id), 
	CONSTRAINT fk_held_reply_reply_to_id_message FOREIGN KEY(reply_to_id) REFERENCES message (id), 
	CONSTRAINT fk_held_reply_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id)
);

CREATE TABLE idempotent_answer (
	id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	"key" VARCHAR(200) NOT NULL, 
	request_hash VARCHAR(64) NOT NULL, 
	status INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	kept_for_ever BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_idempotent_answer PRIMARY KEY (id), 
	CONSTRAINT fk_idempotent_answer_agent_id_agent FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT uq_idempotent_answer_agent_id_key UNIQUE (agent_id, "key")
);

CREATE TABLE inbox_event (
	id INTEGER NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	external_id VARCHAR(250) NOT NULL, 
	lane VARCHAR(330) NOT NULL, 
	raw JSON NOT NULL, 
	fingerprint VARCHAR(64), 
	state VARCHAR(40) NOT NULL, 
	attempt INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	lease_until DATETIME, 
	claim VARCHAR(120), 
	batch_id BIGINT, 
	error TEXT, 
	received_at DATETIME NOT NULL, 
	done_at DATETIME, 
	CONSTRAINT pk_inbox_event PRIMARY KEY (id), 
	CONSTRAINT fk_inbox_event_account_account FOREIGN KEY(account) REFERENCES account (name), 
	CONSTRAINT uq_inbox_event_account_external_id UNIQUE (account, external_id)
);

CREATE TABLE knowledge_state (
	id INTEGER NOT NULL, 
	revision INTEGER NOT NULL, 
	thresholds JSON, 
	figures JSON, 
	changed_at DATETIME NOT NULL, 
	CONSTRAINT pk_knowledge_state PRIMARY KEY (id)
);

CREATE TABLE "labelled_question" (
	id INTEGER NOT NULL, 
	question VARCHAR(1000) NOT NULL, 
	article VARCHAR(200), 
	language VARCHAR(8) NOT NULL, 
	source VARCHAR(80) NOT NULL, 
	sample BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	note TEXT, 
	customer_id INTEGER, 
	CONSTRAINT pk_labelled_question PRIMARY KEY (id), 
	CONSTRAINT uq_labelled_question_language_question UNIQUE (language, question), 
	CONSTRAINT fk_labelled_question_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id)
);

CREATE TABLE last_word (
	id INTEGER NOT NULL, 
	customer_number BIGINT NOT NULL, 
	conversation_id BIGINT NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	language VARCHAR(8), 
	sealed TEXT NOT NULL, 
	queued BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_last_word PRIMARY KEY (id), 
	CONSTRAINT uq_last_word_conversation_id UNIQUE (conversation_id)
);

CREATE TABLE lease (
	name VARCHAR(160) NOT NULL, 
	holder VARCHAR(80) NOT NULL, 
	fence INTEGER NOT NULL, 
	until DATETIME NOT NULL, 
	CONSTRAINT pk_lease PRIMARY KEY (name)
);

CREATE TABLE ledger_entry (
	id INTEGER NOT NULL, 
	"key" VARCHAR(120) NOT NULL, 
	grant_id INTEGER NOT NULL, 
	move VARCHAR(20) NOT NULL, 
	account VARCHAR(160) NOT NULL, 
	amount_minor BIGINT NOT NULL, 
	currency VARCHAR(3) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_ledger_entry PRIMARY KEY (id), 
	CONSTRAINT fk_ledger_entry_grant_id_compensation_grant FOREIGN KEY(grant_id) REFERENCES compensation_grant (id), 
	CONSTRAINT uq_ledger_entry_key UNIQUE ("key")
);

CREATE TABLE merge (
	id INTEGER NOT NULL, 
	survivor_id INTEGER NOT NULL, 
	merged_id INTEGER NOT NULL, 
	moved JSON NOT NULL, 
	"before" JSON NOT NULL, 
	merged_by VARCHAR(80) NOT NULL, 
	merged_at DATETIME NOT NULL, 
	undone_at DATETIME, 
	CONSTRAINT pk_merge PRIMARY KEY (id), 
	CONSTRAINT fk_merge_merged_id_customer FOREIGN KEY(merged_id) REFERENCES customer (id), 
	CONSTRAINT fk_merge_survivor_id_customer FOREIGN KEY(survivor_id) REFERENCES customer (id)
);

CREATE TABLE message (
	id INTEGER NOT NULL, 
	conversation_id INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	client_id VARCHAR(200), 
	author VARCHAR(40) NOT NULL, 
	agent_id INTEGER, 
	name VARCHAR(200), 
	kind VARCHAR(40), 
	text TEXT NOT NULL, 
	buttons JSON NOT NULL, 
	attachments JSON NOT NULL, 
	reply_to_id INTEGER, 
	replaces_id INTEGER, 
	answer_to INTEGER, 
	article VARCHAR(200), 
	article_language VARCHAR(8), 
	article_version INTEGER, 
	ticket_id INTEGER, 
	at DATETIME NOT NULL, quote TEXT, 
	CONSTRAINT pk_message PRIMARY KEY (id), 
	CONSTRAINT fk_message_agent_id_agent FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT fk_message_answer_to_inbox_event FOREIGN KEY(answer_to) REFERENCES inbox_event (id), 
	CONSTRAINT fk_message_conversation_id_conversation FOREIGN KEY(conversation_id) REFERENCES conversation (id), 
	CONSTRAINT fk_message_replaces_id_message FOREIGN KEY(replaces_id) REFERENCES message (id), 
	CONSTRAINT fk_message_reply_to_id_message FOREIGN KEY(reply_to_id) REFERENCES message (id), 
	CONSTRAINT fk_message_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_message_conversation_id_seq UNIQUE (conversation_id, seq)
);

CREATE TABLE one_time_code (
	id INTEGER NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	purpose VARCHAR(40) NOT NULL, 
	customer_id INTEGER NOT NULL, 
	order_id INTEGER, 
	verified BOOLEAN NOT NULL, 
	created_by VARCHAR(80) NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	used_by_id INTEGER, 
	CONSTRAINT pk_one_time_code PRIMARY KEY (id), 
	CONSTRAINT fk_one_time_code_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT fk_one_time_code_order_id_order FOREIGN KEY(order_id) REFERENCES "order" (id), 
	CONSTRAINT fk_one_time_code_used_by_id_channel_identity FOREIGN KEY(used_by_id) REFERENCES channel_identity (id), 
	CONSTRAINT uq_one_time_code_code_hash UNIQUE (code_hash)
);

CREATE TABLE "order" (
	id INTEGER NOT NULL, 
	external_id VARCHAR(120) NOT NULL, 
	customer_id INTEGER NOT NULL, 
	product VARCHAR(400), 
	items JSON NOT NULL, 
	category VARCHAR(120), 
	amount_minor BIGINT, 
	currency VARCHAR(3), 
	status VARCHAR(40) NOT NULL, 
	carrier VARCHAR(120), 
	tracking_no VARCHAR(120), 
	placed_at DATETIME, 
	expected_at DATETIME, 
	delivered_at DATETIME, 
	region VARCHAR(120), 
	channel VARCHAR(120), 
	imported BOOLEAN NOT NULL, 
	sample BOOLEAN NOT NULL, 
	created_at DATETIME NOT NULL, 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_order PRIMARY KEY (id), 
	CONSTRAINT fk_order_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT uq_order_external_id UNIQUE (external_id)
);

CREATE TABLE outbox_hold (
	id INTEGER NOT NULL, 
	held_by VARCHAR(80) NOT NULL, 
	held_at DATETIME NOT NULL, 
	CONSTRAINT pk_outbox_hold PRIMARY KEY (id)
);

CREATE TABLE posted_event (
	id INTEGER NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	external_id VARCHAR(120) NOT NULL, 
	customer_id INTEGER NOT NULL, 
	kind VARCHAR(60) NOT NULL, 
	at DATETIME NOT NULL, 
	data JSON NOT NULL, 
	received_at DATETIME NOT NULL, 
	CONSTRAINT pk_posted_event PRIMARY KEY (id), 
	CONSTRAINT fk_posted_event_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT uq_posted_event_account_external_id UNIQUE (account, external_id)
);

CREATE TABLE programme_state (
	id VARCHAR(60) NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	since DATETIME, 
	enabled_by VARCHAR(80), 
	paused_at DATETIME, 
	paused_because VARCHAR(40), 
	planned_until DATETIME, 
	planned_at DATETIME, 
	planned_by VARCHAR(120), 
	CONSTRAINT pk_programme_state PRIMARY KEY (id)
);

CREATE TABLE prompt_answer (
	id INTEGER NOT NULL, 
	follow_up BIGINT NOT NULL, 
	programme VARCHAR(60) NOT NULL, 
	customer_id INTEGER NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	question INTEGER NOT NULL, 
	value VARCHAR(60), 
	words TEXT, 
	at DATETIME NOT NULL, 
	applied_at DATETIME, 
	CONSTRAINT pk_prompt_answer PRIMARY KEY (id), 
	CONSTRAINT fk_prompt_answer_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT uq_prompt_answer_follow_up_kind_question UNIQUE (follow_up, kind, question)
);

CREATE TABLE proof_try (
	id INTEGER NOT NULL, 
	subject VARCHAR(100) NOT NULL, 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_proof_try PRIMARY KEY (id)
);

CREATE TABLE question_group (
	id INTEGER NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	state VARCHAR(40) NOT NULL, 
	encoder VARCHAR(200) NOT NULL, 
	vector BLOB NOT NULL, 
	script INTEGER NOT NULL, 
	members INTEGER NOT NULL, 
	article VARCHAR(200), 
	decided_by VARCHAR(80), 
	decided_at DATETIME, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_question_group PRIMARY KEY (id)
);

CREATE TABLE "question_log" (
	id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	language VARCHAR(8) NOT NULL, 
	text TEXT NOT NULL, 
	outcome VARCHAR(40) NOT NULL, 
	confidence DOUBLE NOT NULL, 
	article VARCHAR(200), 
	article_version INTEGER, 
	candidates JSON NOT NULL, 
	customer_id INTEGER, 
	helpful BOOLEAN, 
	followed_by VARCHAR(40), 
	ungrouped BOOLEAN DEFAULT 0 NOT NULL, 
	group_id INTEGER, 
	CONSTRAINT pk_question_log PRIMARY KEY (id), 
	CONSTRAINT fk_question_log_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT fk_question_log_group_id_question_group FOREIGN KEY(group_id) REFERENCES question_group (id)
);

CREATE TABLE rule_version (
	id INTEGER NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	number INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	author VARCHAR(80) NOT NULL, 
	note TEXT, 
	published_at DATETIME NOT NULL, 
	CONSTRAINT pk_rule_version PRIMARY KEY (id), 
	CONSTRAINT uq_rule_version_kind_number UNIQUE (kind, number)
);

CREATE TABLE segment_move (
	id INTEGER NOT NULL, 
	customer_id INTEGER NOT NULL, 
	at DATETIME NOT NULL, 
	what VARCHAR(10) NOT NULL, 
	"before" VARCHAR(20), 
	"after" VARCHAR(20) NOT NULL, 
	rule VARCHAR(120) NOT NULL, 
	facts JSON NOT NULL, 
	CONSTRAINT pk_segment_move PRIMARY KEY (id), 
	CONSTRAINT fk_segment_move_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id)
);

CREATE TABLE segment_state (
	customer_id INTEGER NOT NULL, 
	score DOUBLE NOT NULL, 
	orders INTEGER NOT NULL, 
	spent_minor BIGINT NOT NULL, 
	first_order_at DATETIME, 
	last_order_at DATETIME, 
	rhythm_days DOUBLE, 
	refreshed_at DATETIME NOT NULL, 
	CONSTRAINT pk_segment_state PRIMARY KEY (customer_id), 
	CONSTRAINT fk_segment_state_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id)
);

CREATE TABLE sender_minute (
	"key" VARCHAR(64) NOT NULL, 
	since DATETIME NOT NULL, 
	count INTEGER NOT NULL, 
	CONSTRAINT pk_sender_minute PRIMARY KEY ("key")
);

CREATE TABLE shop (
	id INTEGER NOT NULL, 
	facts JSON NOT NULL, 
	sample BOOLEAN NOT NULL, 
	version INTEGER NOT NULL, 
	updated_by VARCHAR(80), 
	updated_at DATETIME NOT NULL, 
	CONSTRAINT pk_shop PRIMARY KEY (id)
);

CREATE TABLE snapshot (
	id INTEGER NOT NULL, 
	content_hash VARCHAR(64) NOT NULL, 
	builder VARCHAR(120) NOT NULL, 
	lease_until DATETIME NOT NULL, 
	built_at DATETIME, 
	files JSON NOT NULL, 
	figures JSON, 
	CONSTRAINT pk_snapshot PRIMARY KEY (id), 
	CONSTRAINT uq_snapshot_content_hash UNIQUE (content_hash)
);

CREATE TABLE snapshot_chunk (
	digest VARCHAR(64) NOT NULL, 
	size BIGINT NOT NULL, 
	data BLOB NOT NULL, 
	CONSTRAINT pk_snapshot_chunk PRIMARY KEY (digest)
);

CREATE TABLE "stored_file" (
	id VARCHAR(64) NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	customer_id INTEGER, 
	conversation_id INTEGER, 
	remote_id VARCHAR(500), 
	name VARCHAR(250), 
	media_type VARCHAR(120) NOT NULL, 
	size BIGINT, 
	state VARCHAR(40) NOT NULL, 
	because VARCHAR(80), 
	attempt INTEGER NOT NULL, 
	due_at DATETIME NOT NULL, 
	created_at DATETIME NOT NULL, 
	uploaded_by_id INTEGER, 
	is_upload BOOLEAN DEFAULT (false) NOT NULL, 
	attached_at DATETIME, 
	kind VARCHAR(40) DEFAULT 'document' NOT NULL, 
	CONSTRAINT pk_stored_file PRIMARY KEY (id), 
	CONSTRAINT fk_stored_file_conversation_id_conversation FOREIGN KEY(conversation_id) REFERENCES conversation (id), 
	CONSTRAINT fk_stored_file_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT fk_stored_file_uploaded_by_id_agent FOREIGN KEY(uploaded_by_id) REFERENCES agent (id)
);

CREATE TABLE stray_group (
	id INTEGER NOT NULL, 
	account VARCHAR(120) NOT NULL, 
	chat_id VARCHAR(40) NOT NULL, 
	title VARCHAR(200) NOT NULL, 
	since DATETIME NOT NULL, 
	leave_at DATETIME NOT NULL, 
	CONSTRAINT pk_stray_group PRIMARY KEY (id), 
	CONSTRAINT uq_stray_group_account_chat_id UNIQUE (account, chat_id)
);

CREATE TABLE synonym_group (
	id INTEGER NOT NULL, 
	words JSON NOT NULL, 
	author VARCHAR(80) NOT NULL, 
	created_at DATETIME NOT NULL, 
	CONSTRAINT pk_synonym_group PRIMARY KEY (id)
);

CREATE TABLE task (
	id INTEGER NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	state VARCHAR(40) NOT NULL, 
	subject VARCHAR(80) NOT NULL, 
	text TEXT, 
	customer_id INTEGER, 
	assignee_id INTEGER, 
	dedupe_key VARCHAR(160), 
	data JSON NOT NULL, 
	due_at DATETIME, 
	created_at DATETIME NOT NULL, 
	done_at DATETIME, 
	done_by VARCHAR(80), 
	CONSTRAINT pk_task PRIMARY KEY (id), 
	CONSTRAINT fk_task_assignee_id_agent FOREIGN KEY(assignee_id) REFERENCES agent (id), 
	CONSTRAINT fk_task_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT uq_task_dedupe_key UNIQUE (dedupe_key)
);

CREATE TABLE team (
	id INTEGER NOT NULL, 
	name VARCHAR(80) NOT NULL, 
	calendar VARCHAR(60), 
	created_at DATETIME NOT NULL, 
	removed_at DATETIME, 
	CONSTRAINT pk_team PRIMARY KEY (id), 
	CONSTRAINT uq_team_name UNIQUE (name)
);

CREATE TABLE team_member (
	id INTEGER NOT NULL, 
	team_id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	CONSTRAINT pk_team_member PRIMARY KEY (id), 
	CONSTRAINT fk_team_member_agent_id_agent FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT fk_team_member_team_id_team FOREIGN KEY(team_id) REFERENCES team (id), 
	CONSTRAINT uq_team_member_team_id_agent_id UNIQUE (team_id, agent_id)
);

CREATE TABLE ticket (
	id INTEGER NOT NULL, 
	kind VARCHAR(40) NOT NULL, 
	status VARCHAR(40) NOT NULL, 
	resolution VARCHAR(40), 
	severity VARCHAR(40) NOT NULL, 
	severity_kept BOOLEAN NOT NULL, 
	priority INTEGER NOT NULL, 
	priority_kept BOOLEAN NOT NULL, 
	category VARCHAR(60), 
	subject VARCHAR(200) NOT NULL, 
	customer_id INTEGER NOT NULL, 
	identity_id INTEGER, 
	order_id INTEGER, 
	order_verified BOOLEAN NOT NULL, 
	words JSON NOT NULL, 
	source VARCHAR(40) NOT NULL, 
	assignee_id INTEGER, 
	team_id INTEGER, 
	tags JSON NOT NULL, 
	root_cause VARCHAR(60), 
	waiting_for VARCHAR(200), 
	waiting_until DATETIME, 
	snoozed_until DATETIME, 
	merged_into_id INTEGER, 
	reopened INTEGER NOT NULL, 
	score INTEGER, 
	score_words TEXT, 
	score_at DATETIME, 
	escalated_to VARCHAR(20), 
	opened_at DATETIME NOT NULL, 
	status_at DATETIME NOT NULL, 
	resolved_at DATETIME, 
	closed_at DATETIME, 
	spoke_at DATETIME NOT NULL, 
	answered_at DATETIME, 
	waiting_since DATETIME, 
	silence_warned_at DATETIME, 
	updated_at DATETIME NOT NULL, 
	version INTEGER NOT NULL, assigned_by VARCHAR(80), assigned_at DATETIME, reacted_at DATETIME, passed_over JSON DEFAULT '[]' NOT NULL, 
	CONSTRAINT pk_ticket PRIMARY KEY (id), 
	CONSTRAINT fk_ticket_assignee_id_agent FOREIGN KEY(assignee_id) REFERENCES agent (id), 
	CONSTRAINT fk_ticket_customer_id_customer FOREIGN KEY(customer_id) REFERENCES customer (id), 
	CONSTRAINT fk_ticket_identity_id_channel_identity FOREIGN KEY(identity_id) REFERENCES channel_identity (id), 
	CONSTRAINT fk_ticket_merged_into_id_ticket FOREIGN KEY(merged_into_id) REFERENCES ticket (id), 
	CONSTRAINT fk_ticket_order_id_order FOREIGN KEY(order_id) REFERENCES "order" (id), 
	CONSTRAINT fk_ticket_team_id_team FOREIGN KEY(team_id) REFERENCES team (id)
);

CREATE TABLE ticket_clock (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	target VARCHAR(40) NOT NULL, 
	rule VARCHAR(120) NOT NULL, 
	within_seconds DOUBLE NOT NULL, 
	count VARCHAR(40) NOT NULL, 
	warn_at DOUBLE NOT NULL, 
	spent_seconds DOUBLE NOT NULL, 
	since DATETIME, 
	due_at DATETIME, 
	warn_due_at DATETIME, 
	warned_at DATETIME, 
	breached_at DATETIME, 
	met_at DATETIME, told_at DATETIME, 
	CONSTRAINT pk_ticket_clock PRIMARY KEY (id), 
	CONSTRAINT fk_ticket_clock_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_ticket_clock_ticket_id_target UNIQUE (ticket_id, target)
);

CREATE TABLE ticket_event (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	type VARCHAR(40) NOT NULL, 
	at DATETIME NOT NULL, 
	actor VARCHAR(80) NOT NULL, 
	text TEXT, 
	rule VARCHAR(120), 
	reasons JSON NOT NULL, 
	data JSON NOT NULL, 
	dedupe_key VARCHAR(160), 
	CONSTRAINT pk_ticket_event PRIMARY KEY (id), 
	CONSTRAINT fk_ticket_event_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_ticket_event_dedupe_key UNIQUE (dedupe_key)
);

CREATE TABLE ticket_helper (
	id INTEGER NOT NULL, 
	ticket_id INTEGER NOT NULL, 
	agent_id INTEGER NOT NULL, 
	asked_by VARCHAR(80) NOT NULL, 
	asked_at DATETIME NOT NULL, 
	CONSTRAINT pk_ticket_helper PRIMARY KEY (id), 
	CONSTRAINT fk_ticket_helper_agent_id_agent FOREIGN KEY(agent_id) REFERENCES agent (id), 
	CONSTRAINT fk_ticket_helper_ticket_id_ticket FOREIGN KEY(ticket_id) REFERENCES ticket (id), 
	CONSTRAINT uq_ticket_helper_ticket_id_agent_id UNIQUE (ticket_id, agent_id)
);

CREATE TABLE ticket_link (
	id INTEGER NOT NULL, 
	one_id INTEGER NOT NULL, 
	other_id INTEGER NOT NULL, 
	CONSTRAINT pk_ticket_link PRIMARY KEY (id), 
	CONSTRAINT fk_ticket_link_one_id_ticket FOREIGN KEY(one_id) REFERENCES ticket (id), 
	CONSTRAINT fk_ticket_link_other_id_ticket FOREIGN KEY(other_id) REFERENCES ticket (id), 
	CONSTRAINT uq_ticket_link_one_id_other_id UNIQUE (one_id, other_id)
);

CREATE TABLE web_code (
	id INTEGER NOT NULL, 
	code_hash VARCHAR(64) NOT NULL, 
	conversation_id INTEGER NOT NULL, 
	created_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	used_at DATETIME, 
	CONSTRAINT pk_web_code PRIMARY KEY (id), 
	CONSTRAINT fk_web_code_conversation_id_conversation FOREIGN KEY(conversation_id) REFERENCES conversation (id), 
	CONSTRAINT uq_web_code_code_hash UNIQUE (code_hash)
);

CREATE TABLE web_contact (
	conversation_id INTEGER NOT NULL, 
	email VARCHAR(254), 
	phone VARCHAR(32), 
	at DATETIME NOT NULL, 
	CONSTRAINT pk_web_contact PRIMARY KEY (conversation_id), 
	CONSTRAINT fk_web_contact_conversation_id_conversation FOREIGN KEY(conversation_id) REFERENCES conversation (id)
);

CREATE TABLE "web_session" (
	id INTEGER NOT NULL, 
	token_hash VARCHAR(64) NOT NULL, 
	visitor VARCHAR(64) NOT NULL, 
	conversation_id INTEGER NOT NULL, 
	language VARCHAR(8), 
	timezone VARCHAR(64), 
	created_at DATETIME NOT NULL, 
	seen_at DATETIME NOT NULL, 
	expires_at DATETIME NOT NULL, 
	revoked_at DATETIME, 
	user_id VARCHAR(120), 
	proof_hash VARCHAR(64), 
	CONSTRAINT pk_web_session PRIMARY KEY (id), 
	CONSTRAINT uq_web_session_token_hash UNIQUE (token_hash), 
	CONSTRAINT fk_web_session_conversation_id_conversation FOREIGN KEY(conversation_id) REFERENCES conversation (id), 
	CONSTRAINT uq_web_session_proof_hash UNIQUE (proof_hash)
);

CREATE INDEX ix_customer_email ON customer (email);

CREATE INDEX ix_customer_merged_into_id ON customer (merged_into_id);

CREATE INDEX ix_customer_phone ON customer (phone);

CREATE INDEX ix_customer_stage ON customer (stage);

CREATE INDEX ix_customer_tier ON customer (tier);

CREATE INDEX ix_erasure_customer_number ON erasure (customer_number);

CREATE INDEX ix_proof_try_subject_at ON proof_try (subject, at);

CREATE INDEX ix_stray_group_leave_at ON stray_group (leave_at);

CREATE INDEX ix_api_key_agent_id ON api_key (agent_id);

CREATE INDEX ix_channel_identity_customer_id ON channel_identity (customer_id);

CREATE INDEX ix_consent_customer_kind ON consent (customer_id, kind);

CREATE INDEX ix_customer_note_customer_id ON customer_note (customer_id);

CREATE INDEX ix_erased_key_erasure_id ON erased_key (erasure_id);

CREATE INDEX ix_idempotent_answer_created_at ON idempotent_answer (created_at);

CREATE INDEX ix_inbox_event_batch_id ON inbox_event (batch_id);

CREATE INDEX ix_inbox_event_live_lane ON inbox_event (account, lane, id) WHERE state IN ('pending', 'working');

CREATE INDEX ix_inbox_event_parked ON inbox_event (id) WHERE state = 'parked';

CREATE INDEX ix_inbox_event_pending ON inbox_event (id) WHERE state = 'pending';

CREATE INDEX ix_merge_merged_id ON merge (merged_id);

CREATE INDEX ix_merge_survivor_id ON merge (survivor_id);

CREATE INDEX ix_order_customer_id_placed_at ON "order" (customer_id, placed_at);

CREATE INDEX ix_order_placed_at ON "order" (placed_at);

CREATE INDEX ix_segment_move_customer_id ON segment_move (customer_id);

CREATE INDEX ix_segment_state_score ON segment_state (score);

CREATE INDEX ix_task_assignee_id ON task (assignee_id);

CREATE INDEX ix_task_customer_id ON task (customer_id);

CREATE INDEX ix_task_state_due_at ON task (state, due_at);

CREATE INDEX ix_team_member_agent_id ON team_member (agent_id);

CREATE INDEX ix_one_time_code_customer_id ON one_time_code (customer_id);

CREATE INDEX ix_one_time_code_expires_at ON one_time_code (expires_at);

CREATE INDEX ix_one_time_code_order_id ON one_time_code (order_id);

CREATE INDEX ix_one_time_code_used_by_id ON one_time_code (used_by_id);

CREATE INDEX ix_ticket_assignee_id ON ticket (assignee_id);

CREATE INDEX ix_ticket_customer_id_opened_at ON ticket (customer_id, opened_at);

CREATE INDEX ix_ticket_identity_id ON ticket (identity_id);

CREATE INDEX ix_ticket_merged_into_id ON ticket (merged_into_id);

CREATE INDEX ix_ticket_order_id ON ticket (order_id);

CREATE INDEX ix_ticket_root_cause ON ticket (root_cause);

CREATE INDEX ix_ticket_status_priority ON ticket (status, priority);

CREATE INDEX ix_ticket_status_status_at ON ticket (status, status_at);

CREATE INDEX ix_ticket_team_id ON ticket (team_id);

CREATE INDEX ix_ticket_updated_at ON ticket (updated_at);

CREATE INDEX ix_ticket_waiting_since ON ticket (waiting_since);

CREATE INDEX ix_message_answer_to ON message (answer_to);

CREATE INDEX ix_message_conversation_id_client_id ON message (conversation_id, client_id);

CREATE INDEX ix_message_ticket_id ON message (ticket_id);

CREATE INDEX ix_ticket_clock_due_at ON ticket_clock (due_at);

CREATE INDEX ix_ticket_clock_running ON ticket_clock (warn_due_at) WHERE since IS NOT NULL AND breached_at IS NULL;

CREATE INDEX ix_ticket_event_ticket_id ON ticket_event (ticket_id);

CREATE INDEX ix_ticket_event_type_at ON ticket_event (type, at);

CREATE INDEX ix_ticket_link_other_id ON ticket_link (other_id);

CREATE INDEX ix_ledger_entry_account ON ledger_entry (account);

CREATE INDEX ix_ledger_entry_grant_id ON ledger_entry (grant_id);

CREATE INDEX ix_posted_event_customer_id ON posted_event (customer_id);

CREATE INDEX ix_posted_event_kind_at ON posted_event (kind, at);

CREATE INDEX ix_follow_up_customer_id ON follow_up (customer_id);

CREATE INDEX ix_follow_up_live ON follow_up (delivery_id) WHERE state IN ('planned', 'sending', 'unknown');

CREATE INDEX ix_follow_up_planned ON follow_up (due_at) WHERE state = 'planned';

CREATE INDEX ix_follow_up_programme_due_at ON follow_up (programme, due_at);

CREATE INDEX ix_delivery_message_id ON delivery (message_id);

CREATE INDEX ix_delivery_conversation_id ON delivery (conversation_id);

CREATE INDEX ix_delivery_customer_id ON delivery (customer_id);

CREATE INDEX ix_delivery_live_lane ON delivery (account, lane, id) WHERE state IN ('pending', 'sending');

CREATE INDEX ix_delivery_troubled ON delivery (id) WHERE state IN ('failed', 'unknown');

CREATE INDEX ix_delivery_pending ON delivery (priority, id) WHERE state = 'pending';

CREATE INDEX ix_order_delivered_at ON "order" (delivered_at);

CREATE INDEX ix_order_status_updated_at ON "order" (status, updated_at);

CREATE INDEX ix_segment_move_at ON segment_move (at);

CREATE INDEX ix_stored_file_customer_id_created_at ON stored_file (customer_id, created_at);

CREATE INDEX ix_stored_file_waiting ON stored_file (account, due_at) WHERE state = 'waiting';

CREATE INDEX ix_stored_file_conversation_id ON stored_file (conversation_id);

CREATE INDEX ix_desk_account_chat ON desk (account, chat);

CREATE INDEX ix_agent_address_agent_id ON agent_address (agent_id);

CREATE INDEX ix_agent_link_agent_id ON agent_link (agent_id);

CREATE INDEX ix_given_word_agent_id ON given_word (agent_id);

CREATE INDEX ix_given_word_open ON given_word (remind_at) WHERE kept_at IS NULL AND passed_at IS NULL;

CREATE INDEX ix_given_word_ticket_id ON given_word (ticket_id);

CREATE INDEX ix_ticket_helper_agent_id ON ticket_helper (agent_id);

CREATE INDEX ix_held_reply_agent_id ON held_reply (agent_id);

CREATE INDEX ix_held_reply_conversation_id ON held_reply (conversation_id);

CREATE INDEX ix_held_reply_due ON held_reply (due_at) WHERE state = 'held';

CREATE INDEX ix_held_reply_message_id ON held_reply (message_id);

CREATE INDEX ix_held_reply_ticket_id ON held_reply (ticket_id);

CREATE INDEX ix_conversation_owner_last_at ON conversation (owner, last_at);

CREATE INDEX ix_conversation_customer_id ON conversation (customer_id);

CREATE INDEX ix_conversation_identity_id ON conversation (identity_id);

CREATE INDEX ix_conversation_agent_id ON conversation (agent_id);

CREATE INDEX ix_conversation_unanswered_since ON conversation (unanswered_since);

CREATE INDEX ix_conversation_answer_by ON conversation (answer_by);

CREATE INDEX ix_conversation_ticket_id ON conversation (ticket_id);

CREATE INDEX ix_ticket_snoozed_until ON ticket (snoozed_until);

CREATE INDEX ix_audit_entry_actor ON audit_entry (actor);

CREATE INDEX ix_audit_entry_object ON audit_entry (object);

CREATE INDEX ix_audit_entry_at ON audit_entry (at);

CREATE INDEX ix_question_group_state ON question_group (state);

CREATE INDEX ix_question_log_outcome_at ON question_log (outcome, at);

CREATE INDEX ix_question_log_customer_id ON question_log (customer_id);

CREATE INDEX ix_question_log_at ON question_log (at);

CREATE INDEX ix_question_log_group_id ON question_log (group_id);

CREATE INDEX ix_question_log_ungrouped ON question_log (id) WHERE ungrouped;

CREATE INDEX ix_web_code_conversation_id ON web_code (conversation_id);

CREATE INDEX ix_web_session_conversation_id ON web_session (conversation_id);

CREATE INDEX ix_prompt_answer_customer_id ON prompt_answer (customer_id);

CREATE INDEX ix_prompt_answer_new ON prompt_answer (id) WHERE applied_at IS NULL;

CREATE INDEX ix_prompt_answer_programme_at ON prompt_answer (programme, at);

CREATE INDEX ix_compensation_grant_order_id ON compensation_grant (order_id);

CREATE INDEX ix_compensation_grant_state ON compensation_grant (state);

CREATE INDEX ix_compensation_grant_ends ON compensation_grant (expires_at) WHERE expires_at IS NOT NULL AND state IN ('proposed', 'approved', 'offered', 'accepted', 'issued');

CREATE INDEX ix_compensation_grant_ticket_id ON compensation_grant (ticket_id);

CREATE INDEX ix_compensation_grant_customer_id_created_at ON compensation_grant (customer_id, created_at);

CREATE INDEX ix_follow_up_programme_sent_at ON follow_up (programme, sent_at) WHERE sent_at IS NOT NULL;

CREATE INDEX ix_follow_up_order_id ON follow_up (order_id) WHERE order_id IS NOT NULL;

CREATE INDEX ix_follow_up_ticket_id ON follow_up (ticket_id) WHERE ticket_id IS NOT NULL;

CREATE INDEX ix_follow_up_task_id ON follow_up (task_id) WHERE task_id IS NOT NULL;

CREATE INDEX ix_customer_updated_at ON customer (updated_at);

CREATE INDEX ix_article_updated_at ON article (updated_at);

CREATE INDEX ix_article_published_version ON article (published_version);

CREATE INDEX ix_article_pending_at ON article (pending_at);

CREATE INDEX ix_article_status ON article (status);

CREATE INDEX ix_labelled_question_customer_id ON labelled_question (customer_id);

CREATE INDEX ix_desk_topic_account_chat_thread ON desk_topic (account, chat, thread);

CREATE INDEX ix_desk_draft_ticket_id ON desk_draft (ticket_id);

CREATE INDEX ix_desk_post_event_id ON desk_post (event_id);

CREATE INDEX ix_desk_post_held_id ON desk_post (held_id);

CREATE INDEX ix_desk_post_message_id ON desk_post (message_id);

CREATE INDEX ix_desk_post_topic_id ON desk_post (topic_id);

CREATE INDEX ix_desk_post_unsettled ON desk_post (id) WHERE mark = 'held';

CREATE INDEX ix_sender_minute_since ON sender_minute (since);
