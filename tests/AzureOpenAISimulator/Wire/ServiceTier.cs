namespace AzureOpenAISimulator.Wire;

/// <summary>What a call is worked on as, and billed by; <c>service_tier</c> on the wire.</summary>
public enum ServiceTier
{
    /// <summary>Also what <c>auto</c>, or no tier at all, stands for.</summary>
    Default,

    /// <summary>Half the price, where there is capacity.</summary>
    Flex,

    /// <summary>Half the price, within a day. Never a call's own: batches are files of calls.</summary>
    Batch,
}
