mod orbit;
mod quantile;
mod response;
mod sea;
