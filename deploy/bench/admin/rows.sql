-- What the admin lists, in the numbers of a large house; the demo's chats beside it have what real ones have.
-- What the statements say is consistent, and looking at each foreign key of a million rows takes longer than making them.
SET session_replication_role = replica;

-- 100,000 people, two of three with an account
INSERT INTO user_svc_user (id, password, is_superuser, username, username_key, display_name, display_name_key, email,
    is_guest, is_active, is_staff, date_joined, last_seen_at, banned_at)
SELECT gen_random_uuid(), '!', false, login, login, name, lower(name), login || '@example.org', login IS NULL,
    true, false, now() - n * interval '1 minute', now() - n * interval '1 second', CASE WHEN n % 500 = 0 THEN now() END
FROM generate_series(1, 100000) n
CROSS JOIN LATERAL (SELECT CASE WHEN n % 3 > 0 THEN 'bench-' || n END login,
    (ARRAY['Айгерім', 'Ада', 'Bob', 'Светлана', 'Дана', 'Oscar', 'Жанна'])[1 + n % 7] || ' ' || n name) said;

-- Those with an account are 66,667.
CREATE TEMPORARY TABLE person AS
SELECT id, row_number() OVER (ORDER BY username_key) - 1 AS place
FROM user_svc_user WHERE username_key LIKE 'bench-%';

-- 20,000 chats
INSERT INTO chat_svc_chat (id, kind, title, is_public, created_by_id, created_at, closed_at, last_message_at, last_seq,
    version, own_version)
SELECT gen_random_uuid(), 'group', 'Bench ' || n, n % 100 = 1, person.id, now() - n * interval '3 minutes',
    CASE WHEN n % 50 = 0 THEN now() END, now(), 50, 100, 0
FROM generate_series(1, 20000) n JOIN person ON person.place = n % 66667;

CREATE TEMPORARY TABLE chat AS
SELECT id, row_number() OVER (ORDER BY created_at) - 1 AS place
FROM chat_svc_chat WHERE title LIKE 'Bench %';

ANALYZE person, chat;

-- 300,000 memberships
INSERT INTO chat_svc_membership (chat_id, user_id, role, state, joined_at, read_seq, version)
SELECT chat.id, person.id, CASE n WHEN 1 THEN 'owner' ELSE 'member' END,
    CASE WHEN n % 7 = 0 THEN 'left' ELSE 'active' END, now() - n * interval '1 hour', 0, n
FROM generate_series(1, 15) n CROSS JOIN chat JOIN person ON person.place = (chat.place * 7 + n) % 66667;

-- 1,000,000 messages
INSERT INTO chat_svc_message (chat_id, seq, version, sender_id, client_id, kind, body, created_at)
SELECT chat.id, n, 20 + n, person.id, gen_random_uuid(), 'text', 'Сәлем! I am at table ' || n || ', by the window',
    now() - (51 - n) * interval '3 minutes'
FROM generate_series(1, 50) n CROSS JOIN chat
JOIN person ON person.place = (chat.place * 7 + 1 + n % 15) % 66667;

-- 100,000 sessions
INSERT INTO auth_svc_session (id, user_id, created_at, last_used_at, expires_at, ended_at, remember, user_agent, address)
SELECT gen_random_uuid(), person.id, now() - n * interval '1 minute', now(), now() + interval '30 days',
    CASE WHEN n % 3 = 0 THEN now() END, true, 'Mozilla/5.0 (Android 15; Mobile) Firefox/145.0',
    '10.' || n % 250 || '.' || n % 199 || '.0/24'
FROM generate_series(1, 100000) n JOIN person ON person.place = n % 66667;

-- 50,000 codes
INSERT INTO auth_svc_invitation (id, chat_id, created_by_id, nonce, token_hash, label, guests, uses, declines,
    created_at, expires_at, revoked_at)
SELECT gen_random_uuid(), chat.id, person.id, '\x00', md5('bench' || n) || md5(n::text), 'Table ' || n, true, n % 5, 0,
    now() - n * interval '2 minutes', now() + interval '1 day', CASE WHEN n % 9 = 0 THEN now() END
FROM generate_series(1, 50000) n
JOIN chat ON chat.place = n % 20000 JOIN person ON person.place = n % 66667;

-- 20,000 reports: of people, of messages in 300 chats, of codes
INSERT INTO chat_svc_report (id, target_kind, target_id, chat_id, seq, reporter_id, reason, note, state, created_at,
    closed_at)
SELECT gen_random_uuid(), kind, CASE kind WHEN 'invitation' THEN code.id ELSE target.id END,
    CASE kind WHEN 'message' THEN chat.id END, CASE kind WHEN 'message' THEN 1 + n / 300 % 50 ELSE 0 END, person.id, 'abuse',
    'Не останавливается, ' || n, CASE WHEN n % 10 = 0 THEN 'open' ELSE 'resolved' END,
    now() - n * interval '5 minutes', CASE WHEN n % 10 > 0 THEN now() END
FROM generate_series(1, 20000) n
CROSS JOIN LATERAL (SELECT (ARRAY['message', 'person', 'message', 'invitation'])[1 + n / 10 % 4] kind) said
JOIN chat ON chat.place = n % 300 JOIN person ON person.place = n % 66667
JOIN person target ON target.place = (n + 1) % 500
JOIN (SELECT id, row_number() OVER () AS place FROM auth_svc_invitation) code ON code.place = n;

-- 200,000 deeds of five of the staff
INSERT INTO chat_svc_moderationentry (at, actor_id, deed, person_id, chat_id, reason, address, details)
SELECT now() - (200000 - n) * interval '2 minutes', actor.id,
    (ARRAY['person.warned', 'messages.deleted', 'report.resolved', 'looked', 'person.banned'])[1 + n % 5],
    person.id, chat.id, 'Rude again, ' || n, '10.0.0.0/24', '{}'
FROM generate_series(1, 200000) n JOIN person ON person.place = n % 5000
JOIN person actor ON actor.place = n % 5 JOIN chat ON chat.place = n % 2000;

-- 200 rules of the word filter, and 20,000 messages that it has kept back; one of ten waits
INSERT INTO chat_svc_filterrule (id, kind, text, action, guests_only, version, changed_at)
SELECT gen_random_uuid(), 'word', 'badword' || n, 'hold', false, n, now() FROM generate_series(1, 200) n;

INSERT INTO chat_svc_heldmessage (id, chat_id, sender_id, client_id, body, calls_people, why, rule_id, held_at, state,
    decided_at)
SELECT gen_random_uuid(), chat.id, person.id, gen_random_uuid(), 'Such a badword' || 1 + n % 200, true, 'words',
    rule.id, now() - n * interval '20 seconds', CASE WHEN n % 10 = 0 THEN 'waiting' ELSE 'rejected' END,
    CASE WHEN n % 10 > 0 THEN now() END
FROM generate_series(1, 20000) n JOIN chat ON chat.place = n % 20000 JOIN person ON person.place = n % 66667
JOIN chat_svc_filterrule rule ON rule.version = 1 + n % 200;

-- 2,000 errors of browsers
INSERT INTO auth_svc_clienterror (fingerprint, count, first_at, last_at, message, file, line, "column", stack, version,
    page, browser, request_id)
SELECT md5(n::text), n, now(), now() - n * interval '1 minute', 'TypeError: nothing of that name, ' || n,
    '/static/js/chat.js', n, 1, 'at here', '1', '/chats', 'Firefox', ''
FROM generate_series(1, 2000) n;

RESET session_replication_role;
ANALYZE;
