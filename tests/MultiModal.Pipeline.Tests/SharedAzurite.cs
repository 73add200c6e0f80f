namespace MultiModal.Pipeline.Tests;

/// <summary>Tests against a real Azurite: <c>[Collection(SharedAzurite.Name)]</c> and an <see cref="AzuriteFixture"/> in the constructor.</summary>
[CollectionDefinition(Name)]
public sealed class SharedAzurite : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Azurite";
}
