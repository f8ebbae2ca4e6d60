import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { behaviours, PartnerServer } from "../support/partner-server.ts";
import { balanceOf } from "../support/read.ts";
import {
  connectPartner,
  offerReward,
  openPartner,
  type Partner,
  PRICE,
  type RedemptionState,
  type Reward,
  stateOf,
} from "../support/redemptions.ts";
import type { Answer } from "../support/requests.ts";
import type { FunctionStack } from "../support/use-function-stack.ts";
import type { Member } from "../support/use-stack.ts";

/** What `redeem` answers. */
export interface RedeemBody {
  redemption: { id: string; status: string; end_reason: string | null };
  code: string | null;
  qr: string | null;
}

interface Cast {
  partner: Partner;
  reward: Reward;
  member: Member;
}

/** A member, a partner with a server of its own, and a reward whose codes that server makes. */
export class RedemptionStage {
  readonly stack: FunctionStack;
  readonly server = new PartnerServer();
  #cast: Cast | undefined;

  constructor(stack: FunctionStack) {
    this.stack = stack;
  }

  /** Registers the hooks of a test file: everything is new for every test. */
  use(): this {
    beforeAll(() => this.server.listen());
    beforeEach(() => this.#setUp());
    afterEach(() => {
      // whatever went wrong on the way, every request to the partner was signed for its key
      expect(this.server.journal.filter(({ isSignedRight }) => !isSignedRight)).toEqual([]);
    });
    afterAll(() => this.server.close());
    return this;
  }

  get partner(): Partner {
    return this.#present.partner;
  }

  /** Its codes come from the partner's server; there are five. */
  get reward(): Reward {
    return this.#present.reward;
  }

  /** Has points for one code. */
  get member(): Member {
    return this.#present.member;
  }

  get #present(): Cast {
    if (!this.#cast) throw new Error("the stage is still empty");
    return this.#cast;
  }

  async #setUp(): Promise<void> {
    this.server.script();
    this.server.always(behaviours.ok);
    this.server.onWebhook = () => undefined;
    this.server.journal.length = 0;
    this.server.webhooks.length = 0;
    this.server.issued.clear();
    const { sql } = this.stack;
    const partner = await openPartner(sql);
    await connectPartner(sql, partner, `${this.server.url}/codes`, await this.stack.seal(this.server.secret));
    const reward = await offerReward(sql, partner, { code_source: "partner_api", stock_total: 5 });
    const [member] = await this.stack.members(1, PRICE);
    if (!member) throw new Error("there is no member");
    this.#cast = { partner, reward, member };
  }

  /** Adds an endpoint for webhooks at the partner's server. */
  async listenToWebhooks(): Promise<void> {
    await this.stack.sql(
      `insert into private.webhook_endpoints (partner_id, url, event_types, secret)
       values ($1, $2, private.webhook_event_types(), $3)`,
      [this.partner.id, `${this.server.url}/webhooks`, await this.stack.seal(this.server.secret)],
    );
  }

  /** Redeems as the app does; the same key again is a repetition. */
  redeem(key: string = randomUUID(), member = this.member, reward = this.reward): Promise<Answer<RedeemBody>> {
    return this.stack.send<RedeemBody>("/functions/v1/redeem", {
      method: "POST",
      headers: this.#signedIn(member),
      body: { reward_id: reward.id, expected_points: reward.points_cost, idempotency_key: key },
    });
  }

  /** Gives a code back as the app does. */
  giveBack(redemptionId: string): Promise<Answer<RedeemBody>> {
    return this.stack.send<RedeemBody>(`/functions/v1/redeem/${redemptionId}/return`, {
      method: "POST",
      headers: this.#signedIn(this.member),
    });
  }

  #signedIn({ token }: Member): Record<string, string> {
    return { apikey: this.stack.publishableKey, authorization: `Bearer ${token}` };
  }

  /** Calls a function of the schedule now. */
  async run(name: "sweep-redemptions" | "deliver-webhooks"): Promise<Answer<Record<string, number>>> {
    return this.stack.send<Record<string, number>>(`/functions/v1/${name}`, {
      method: "POST",
      headers: { apikey: this.stack.secretKey },
    });
  }

  /** Lets the time pass after which partners are asked again, and asks them. */
  async sweep(): Promise<Answer<Record<string, number>>> {
    await this.stack.sql("update private.partner_requests set next_attempt_at = now()");
    return this.run("sweep-redemptions");
  }

  /** Lets the time pass after which webhooks are sent again, and sends them. */
  async deliver(): Promise<Answer<Record<string, number>>> {
    await this.stack.sql("update private.webhook_messages set next_attempt_at = now() where status = 'pending'");
    await this.stack.sql("update private.webhook_endpoints set paused_until = now()");
    return this.run("deliver-webhooks");
  }

  /** Lets all deadlines of partners pass, and the jobs run. */
  async passDeadline(): Promise<void> {
    await this.stack.sql("update private.partner_requests set deadline_at = now() - interval '2 minutes'");
    await this.stack.sql("select * from ops.run_due_jobs(now())");
  }

  /** Sends an event of the partner. */
  event(
    type: string,
    data: Readonly<Record<string, unknown>>,
    { id = `evt_${randomUUID()}`, ...delivery }: { id?: string; at?: Date; timestamp?: Date; secret?: string } = {},
  ): Promise<{ status: number; body: unknown }> {
    const url = `${this.stack.url}/functions/v1/partner-events/${this.partner.id}`;
    return this.server.sendEvent({ id, type, data }, { url, ...delivery });
  }

  state(redemptionId: string): Promise<RedemptionState> {
    return stateOf(this.stack.sql, redemptionId);
  }

  /** The member has the one code that the partner gave for this redemption, and has paid for it once. */
  async expectCode(key: string, redemptionId: string): Promise<void> {
    const { status, json } = await this.redeem(key);
    expect({ status, id: json.redemption.id, state: json.redemption.status }).toEqual({
      status: 201,
      id: redemptionId,
      state: "active",
    });
    expect(json.code).toBe(this.server.issued.get(redemptionId));
    expect(json.code).toBeTypeOf("string");
    expect(json.qr).toContain("<svg");
    expect(await this.state(redemptionId)).toMatchObject({ bookings: ["redemption -10"], codes: 1 });
    expect(await balanceOf(this.stack.sql, this.member.id)).toBe(0);
    expect(await this.#isQueued(redemptionId)).toBe(false);
  }

  /** The member has the points back, once, and no code. */
  async expectRefund(key: string, redemptionId: string, reason: string): Promise<void> {
    const { status, json } = await this.redeem(key);
    expect({ status, id: json.redemption.id, end: json.redemption.end_reason, code: json.code }).toEqual({
      status: 200,
      id: redemptionId,
      end: reason,
      code: null,
    });
    expect(await this.state(redemptionId)).toMatchObject({
      status: "failed",
      bookings: ["redemption -10", "refund 10"],
      codes: 0,
    });
    expect(await balanceOf(this.stack.sql, this.member.id)).toBe(PRICE);
    expect(await this.#isQueued(redemptionId)).toBe(false);
  }

  async #isQueued(redemptionId: string): Promise<boolean> {
    const rows = await this.stack.sql("select 1 from private.partner_requests where redemption_id = $1", [
      redemptionId,
    ]);
    return rows.length > 0;
  }
}
