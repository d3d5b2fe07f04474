// SPDX-License-Identifier: Apache-2.0
// The network of who asks, or the one that the address names.
import { pick } from "../network/verdict.js";
import { useAnswer } from "../shared/api.js";

// { asn, name, country, family, network, networks, loading, failed }; `network`
// is the one of `port` and family, null where nobody has measured it.
export function useMyNetwork({ as, family: asked }, port = 25) {
  const isAsked = /^\d{1,10}$/.test(as ?? "");
  const who = useAnswer(isAsked ? null : "/v1/whoami");
  const asn = isAsked ? Number(as) : who.data?.asn ?? null;
  const known = useAnswer(asn ? `/v1/networks/${asn}` : null);
  const networks = known.data?.items ?? [];
  const family = Number(asked) === 6 || Number(asked) === 4
    ? Number(asked)
    : who.data?.family ?? networks[0]?.family ?? 4;
  const first = networks[0];
  return {
    asn,
    isAsked,
    name: first?.name ?? who.data?.name ?? who.data?.network ?? "",
    country: first?.country ?? who.data?.country ?? "",
    family,
    network: pick(networks, port, family),
    networks,
    loading: who.loading || known.loading,
    failed: who.problem ? who : known,
  };
}
