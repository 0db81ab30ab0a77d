/* The authority, from which certificates and status lists come. */
import { config } from "./config.js";
import { call, post } from "./http.js";

const at = (path) => `${config.authority}/${path}`;

export const challenge = () => post(at("challenges"));
export const enrol = (request) => post(at("enrolments"), request);
export const renew = (token) => post(at("renewals"), { renewal: token });
export const statusList = (thumbprint) => call(at(`status-lists/${thumbprint}`));
