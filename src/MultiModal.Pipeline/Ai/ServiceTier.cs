namespace MultiModal.Pipeline.Ai;

/// <summary>The service tier that a request asks for. The price of a call follows from the tier that its answer names.</summary>
public enum ServiceTier
{
    /// <summary>The provider's own choice: requests name no tier.</summary>
    Standard,

    /// <summary>Half the price, when the provider has capacity to spare (<c>service_tier: flex</c>).</summary>
    Flex,
}
