// SPDX-License-Identifier: Apache-2.0
// The network of who asks, or the one that the address names.
import { pick } from "../network/verdict.js";
import { useAnswer } from "../shared/api.js";

// { asn, name, country, family, network, networks, loading, failed, paths };
// `network` is the one of port 25 and family, null where nobody has measured it. The
// answer to "who am I" has the networks of the family that it came over, and is
// enough where the address asks for no other; `isBrief`: then no more is asked.
export function useMyNetwork({ as, family: asked }, isBrief = false) {
  const isAsked = /^\d{1,10}$/.test(as ?? "");
  const who = useAnswer(isAsked ? null : "/v1/whoami");
  const asn = isAsked ? Number(as) : who.data?.asn ?? null;
  const wanted = [4, 6].find((family) => family === Number(asked)) ?? null;
  const told =
    wanted === null || wanted === who.data?.family ? who.data?.networks : null;
  const known = useAnswer(asn && !(told && isBrief) ? `/v1/networks/${asn}` : null);
  const networks = known.data?.items ?? told ?? [];
  const family = wanted ?? who.data?.family ?? networks[0]?.family ?? 4;
  const first = networks[0];
  return {
    asn,
    isAsked,
    name: first?.name ?? who.data?.name ?? who.data?.network ?? "",
    country: first?.country ?? who.data?.country ?? "",
    family,
    network: pick(networks, 25, family),
    networks,
    loading: who.loading || (known.loading && !told),
    failed: who.problem ? who : known,
    paths: [who, known].map(({ path, data }) => data && path),
  };
}
