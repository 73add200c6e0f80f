namespace AzureOpenAISimulator.Wire;

/// <summary>What a call is worked on as, and billed by; <c>service_tier</c> on the wire.</summary>
public enum ServiceTier
{
    /// <summary>Also what <c>auto</c>, or no tier at all, stands for.</summary>
    Default,

    /// <summary>Half the price, where there is capacity.</summary>
    Flex,

    /// <summary>Twice the price, and sooner. A project can be set to it; the simulator refuses to be asked for it.</summary>
    Priority,

    /// <summary>Half the price, within a day. Never a call's own: batches are files of calls.</summary>
    Batch,
}
