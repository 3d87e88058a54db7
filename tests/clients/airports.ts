// Programs of a client of the airports, which only the compiler reads: what is sent, what comes back, what goes wrong.

import { downloadAirports, getAirport, searchAirports, uploadCorrections } from "./hey/airports";
import type { AirportNotFound, AirportRow, DownloadAirportsErrors, GetAirportErrors } from "./hey/airports";
import type { NotAcceptable, PreconditionFailed, Problem, ValidationProblem } from "./hey/airports";
import { Api } from "./sta/airports";

export async function byFunctions(): Promise<string> {
  const found = await searchAirports({ query: { country: "CH", page_size: 3 } });
  const first: string | undefined = found.data?.items[0]?.name;

  const { data, error, response } = await getAirport({ path: { code: "LSZH" } });
  if (data) return `${data.name} ${first}`;
  const told: AirportNotFound | PreconditionFailed | ValidationProblem | Problem | undefined = error;
  return `${response?.status} ${told?.title}`;
}

export async function inAFormat(): Promise<string> {
  const { data } = await downloadAirports({ headers: { Accept: "application/json" } });
  const rows: AirportRow[] | string | undefined = data;
  return typeof rows === "string" ? rows : `${rows?.[0]?.elevation_m}`;
}

export const formats = (refused: DownloadAirportsErrors[406]): string[] => (refused satisfies NotAcceptable).available;

// The errors of an operation are typed by their statuses.
export const missing: GetAirportErrors[404] = {
  type: "urn:problem-type:airport-not-found",
  title: "Airport not found",
  status: 404,
  detail: "There is no airport XXXX",
  code: "XXXX",
};

// @ts-expect-error: the path needs a code
export const incomplete = () => getAirport({ path: {} });

// @ts-expect-error: a file is no text
export const wrong = () => uploadCorrections({ body: { file: "text" } });

export async function byClass(): Promise<string> {
  const api = new Api({ baseUrl: "http://localhost:8000" });
  const { data } = await api.airports.getAirport("LSZH");
  return data.name;
}
