//! Resource names as people type them: whole, or only the identifier; and which service is meant.

use tonic::Request;
use tonic::metadata::MetadataValue;
use visits_runtime::operations::SERVICE_KEY;

use crate::failure::Failure;

/// `message`, with the service's name where a gateway before separate processes looks for it.
pub(super) fn at_service<M>(service: &str, message: M) -> Result<Request<M>, Failure> {
    let value = MetadataValue::try_from(service)
        .map_err(|_| Failure::invalid("--service", "must name a service"))?;
    let mut request = Request::new(message);
    request.metadata_mut().insert(SERVICE_KEY, value);
    Ok(request)
}

/// `visits/0192…` for itself and for `0192…`.
pub(super) fn full(collection: &str, given: &str) -> String {
    let given = given.trim();
    if given.starts_with(&format!("{collection}/")) {
        given.to_owned()
    } else {
        format!("{collection}/{given}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_accepted_whole_or_as_its_identifier() {
        assert_eq!(full("schools", "123166"), "schools/123166");
        assert_eq!(full("schools", "schools/123166"), "schools/123166");
    }
}
