// A staff client on the engine of Element Web: matrix-js-sdk with matrix-sdk-crypto-wasm, without a screen.
//
//   node client.mjs BASE_URL USER MODE     the password is the first line on stdin
//
// MODE is "normal" (Element's default) or "strict" (MSC4153: keys go to, and messages are read from,
// cross-signed devices only).  Then stdin takes one JSON command a line, {"id": 1, "cmd": "send", …},
// and stdout gives one JSON report a line:
//
//   {"t": "ready", user, device}       once, after the first sync, cross-signed
//   {"t": "event", …}                  an event was seen, decrypted, or changed (see `describe`)
//   {"t": "joined", room}              an invitation was accepted
//   {"t": "answer", id, result}        the outcome of a command, or {"t": "answer", id, error}
//
// It ends when stdin ends, so it never outlives the test that started it.

import { createInterface } from "node:readline";
import * as sdk from "matrix-js-sdk";
import {
    AllDevicesIsolationMode,
    EventShieldColour,
    EventShieldReason,
    OnlySignedDevicesIsolationMode,
} from "matrix-js-sdk/lib/crypto-api/index.js";
import { logger } from "matrix-js-sdk/lib/logger.js";

const DEADLINE_MS = 20_000; // for a room to appear, or to be known as encrypted
const HESITATION_MS = 300; // a person clicks "accept" a moment after the invitation is shown

const [baseUrl, user, mode] = process.argv.slice(2);
const emit = (report) => process.stdout.write(JSON.stringify(report) + "\n");
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// stdout belongs to the protocol; what the libraries say is for debugging only
const debug = process.env.ELEMENT_DEBUG ? (...words) => process.stderr.write(words.join(" ") + "\n") : () => {};
for (const level of ["trace", "debug", "log", "info", "warn", "error"]) console[level] = debug;
logger.setLevel?.(process.env.ELEMENT_DEBUG ? "trace" : "silent");

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const password = (await lines.next()).value;
const client = await login();
const crypto = client.getCrypto();
const seen = new Map(); // event ID → MatrixEvent

watch();
await client.startClient({ initialSyncLimit: 100 });
await synced();
emit({ t: "ready", user: client.getUserId(), device: client.getDeviceId() });

for await (const line of lines) {
    const { id, cmd, ...parameters } = JSON.parse(line);
    if (cmd === "quit") break;
    // not awaited: a command that waits must not hold up the next one
    perform(cmd, parameters).then(
        (result) => emit({ t: "answer", id, result: result ?? null }),
        (error) => emit({ t: "answer", id, error: String(error?.message ?? error) }),
    );
}
client.stopClient();
process.exit(0);

async function login() {
    const auth = { type: "m.login.password", identifier: { type: "m.id.user", user }, password };
    const session = await sdk.createClient({ baseUrl }).loginRequest(auth);
    const created = sdk.createClient({
        baseUrl,
        userId: session.user_id,
        deviceId: session.device_id,
        accessToken: session.access_token,
        // no secret storage: the cross-signing keys live as long as this process
        cryptoCallbacks: { getSecretStorageKey: async () => null, cacheSecretStorageKey: () => {} },
    });
    await created.initRustCrypto({ useIndexedDB: false });
    await created.getCrypto().bootstrapCrossSigning({
        authUploadDeviceSigningKeys: async (upload) => await upload(auth),
    });
    created
        .getCrypto()
        .setDeviceIsolationMode(
            mode === "strict" ? new OnlySignedDevicesIsolationMode() : new AllDevicesIsolationMode(false),
        );
    return created;
}

function watch() {
    client.on("Room.timeline", (event, room, toStart, removed) => {
        if (removed || event.status) return; // our own echo before the server has it
        if (event.isEncrypted()) client.decryptEventIfNeeded(event);
        else note(event);
    });
    client.on("Room.localEchoUpdated", (event) => {
        if (!event.status) note(event);
    });
    client.on("Event.decrypted", note);
    client.on("Event.replaced", note);
    client.on("Room.redaction", (redaction, room) => {
        note(redaction);
        const target = seen.get(redaction.getAssociatedId());
        if (target) note(target);
    });
    client.on("Room.myMembership", accept);
}

async function accept(room, membership) {
    if (membership !== "invite") return;
    await sleep(HESITATION_MS);
    try {
        await client.joinRoom(room.roomId, { acceptSharedHistory: true });
        emit({ t: "joined", room: room.roomId });
    } catch (error) {
        emit({ t: "refused", room: room.roomId, error: String(error?.message ?? error) });
    }
}

function note(event) {
    const id = event.getId();
    if (!id || id.startsWith("~")) return;
    seen.set(id, event);
    describe(event).then(emit, (error) => emit({ t: "fault", error: String(error?.stack ?? error) }));
}

// What Element knows and shows of an event.  `content` is what was sent, `current` what an edit made
// of it; `relation` is the one on the wire, the only one that servers see.
async function describe(event) {
    const encrypted = event.getWireType() === "m.room.encrypted";
    const failed = event.isDecryptionFailure();
    const info = encrypted && !failed && !event.isRedacted() ? await crypto.getEncryptionInfoForEvent(event) : null;
    return {
        t: "event",
        id: event.getId(),
        room: event.getRoomId(),
        sender: event.getSender(),
        ts: event.getTs(),
        type: event.getType(),
        state_key: event.getStateKey() ?? null,
        content: event.getOriginalContent(),
        current: event.getContent(),
        relation: event.getWireContent()["m.relates_to"] ?? null,
        thread: event.threadRootId ?? null,
        redacts: event.getAssociatedId() ?? null,
        redacted: event.isRedacted(),
        encrypted,
        session: event.getWireContent().session_id ?? null,
        failure: failed ? event.decryptionFailureReason : null,
        shield: info ? EventShieldColour[info.shieldColour] : null,
        reason: info && info.shieldReason !== null ? EventShieldReason[info.shieldReason] : null,
    };
}

function synced() {
    return new Promise((resolve, reject) => {
        client.on("sync", (state, _previous, data) => {
            if (state === "PREPARED") resolve();
            if (state === "ERROR") reject(data?.error ?? new Error("the first sync failed"));
        });
    });
}

async function until(condition, what) {
    const end = Date.now() + DEADLINE_MS;
    while (!condition()) {
        if (Date.now() > end) throw new Error(`not within ${DEADLINE_MS} ms: ${what}`);
        await sleep(20);
    }
}

async function joined(room) {
    await until(() => client.getRoom(room)?.getMyMembership() === "join", "joined to the room");
}

async function sendEncrypted(room, content, type = "m.room.message") {
    await joined(room);
    await until(() => client.getRoom(room).hasEncryptionStateEvent(), "the room is known as encrypted");
    const { event_id } = await client.sendEvent(room, type, content);
    return event_id;
}

// The relation that Element Web sets for what is typed in a thread, or as a reply (Client-Server API,
// "Fallback for unthreaded clients").
function relation(thread, reply) {
    if (thread) {
        const latest = { event_id: reply ?? thread };
        return { rel_type: "m.thread", event_id: thread, is_falling_back: !reply, "m.in_reply_to": latest };
    }
    return reply ? { "m.in_reply_to": { event_id: reply } } : null;
}

async function perform(cmd, p) {
    switch (cmd) {
        case "send": {
            const related = relation(p.thread, p.reply);
            const content = related ? { ...p.content, "m.relates_to": related } : p.content;
            return await sendEncrypted(p.room, content, p.type);
        }
        case "edit": {
            const text = { msgtype: "m.text", body: p.body };
            const replaces = { rel_type: "m.replace", event_id: p.target };
            const content = { ...text, body: `* ${p.body}`, "m.new_content": text, "m.relates_to": replaces };
            return await sendEncrypted(p.room, content);
        }
        case "redact":
            return (await client.redactEvent(p.room, p.target)).event_id;
        case "react": {
            const annotates = { rel_type: "m.annotation", event_id: p.target, key: p.key };
            await joined(p.room);
            return (await client.sendEvent(p.room, "m.reaction", { "m.relates_to": annotates })).event_id;
        }
        case "join": {
            const options = { viaServers: p.via ?? [], acceptSharedHistory: true };
            return (await client.joinRoom(p.room, options)).roomId;
        }
        case "rooms":
            return client.getRooms().map((room) => ({
                id: room.roomId,
                name: room.name,
                type: room.getType() ?? null,
                membership: room.getMyMembership(),
                encrypted: room.hasEncryptionStateEvent(),
                version: room.getVersion(),
            }));
        case "status":
            return await status(p.user);
        case "recheck":
            for (const event of seen.values()) emit(await describe(event));
            return seen.size;
        default:
            throw new Error(`no such command: ${cmd}`);
    }
}

async function status(about) {
    const trust = await crypto.getUserVerificationStatus(about);
    const devices = {};
    for (const [id] of (await crypto.getUserDeviceInfo([about], true)).get(about) ?? []) {
        const device = await crypto.getDeviceVerificationStatus(about, id);
        devices[id] = { signedByOwner: device?.signedByOwner ?? false };
    }
    return { known: trust.known, needsUserApproval: trust.needsUserApproval, devices };
}
