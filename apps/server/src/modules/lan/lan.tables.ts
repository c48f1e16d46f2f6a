interface LanMembershipTable {
  readonly product_number: number;
  readonly network: string;
  readonly active_product: number | null;
  readonly reported_at: Date;
}

interface LanTrafficTable {
  readonly product_number: number;
  readonly from_server_bytes: number;
  readonly from_lan_bytes: number;
}

declare module '../../platform/database/schema.ts' {
  interface Schema {
    lan_membership: LanMembershipTable;
    lan_traffic: LanTrafficTable;
  }
}
